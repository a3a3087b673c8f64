from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.clauses import Safety
from bot.core.policy import automation, rules
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_radius, a_safety, a_service, a_step


def judged(tier: int | None, **changes: Any) -> Ruling:
    return automation.judge(a_case(safety=a_safety(automation=tier), **changes)).ruling


SCALES = a_step(a_radius(1, 10, becomes=11), action="kubernetes.scale")


@pytest.mark.parametrize(
    ("tier", "expected"),
    [(None, Ruling.ALLOW), (2, Ruling.ALLOW), (3, Ruling.ALLOW), (4, Ruling.ASK), (5, Ruling.DENY)],
)
def test_a_tier_says_how_much_is_left_to_heal(tier: int | None, expected: Ruling) -> None:
    assert judged(tier) is expected


def test_r29_tier_1_scales_alone_and_asks_for_anything_else() -> None:
    assert (
        rules.judge(a_case(plan=a_plan(SCALES), safety=a_safety(automation=1))).ruling
        is Ruling.ALLOW
    )
    assert judged(1, plan=a_plan(SCALES, a_step(number=2))) is Ruling.ASK
    assert judged(1) is Ruling.ASK


def test_r30_tier_2_restarts_alone_what_is_stateless_only() -> None:
    stateless = a_case(safety=a_safety(automation=2))
    assert rules.judge(stateless).ruling is Ruling.ALLOW
    assert judged(2, service=a_service(stateless=False)) is Ruling.ASK
    assert judged(2, service=None) is Ruling.ASK


def test_r31_tier_3_runs_without_a_yes() -> None:
    assert rules.judge(a_case(safety=a_safety(automation=3))).ruling is Ruling.ALLOW


def test_r32_tier_4_asks_before_whatever_else_allows_it() -> None:
    actual = rules.judge(a_case(safety=a_safety(automation=4)))

    assert [each.rule for each in actual.decisive] == ["automation"]
    assert actual.ruling is Ruling.ASK


def test_r33_tier_5_is_led_by_people_throughout() -> None:
    actual = rules.judge(a_case(safety=a_safety(automation=5)))

    assert [each.rule for each in actual.decisive] == ["automation"]
    assert actual.ruling is Ruling.DENY


@pytest.mark.parametrize("tier", [1, 2, 3])
def test_no_tier_loosens_what_another_rule_says(tier: int) -> None:
    safety = a_safety(automation=tier, unattended=False)

    assert rules.judge(a_case(safety=safety)).ruling >= Ruling.ASK


@pytest.mark.parametrize("floor", [0.75, 0.8])
def test_c2_below_its_floor_no_tier_runs_unattended(floor: float) -> None:
    safety = a_safety(automation=3, min_confidence=floor)
    below, at = a_plan(confidence=floor - 0.01), a_plan(confidence=floor)

    assert rules.judge(a_case(plan=below, safety=safety)).ruling is Ruling.ASK
    assert rules.judge(a_case(plan=at, safety=safety)).ruling is Ruling.ALLOW


def test_c2_no_runbook_lowers_the_floor_below_three_quarters() -> None:
    with pytest.raises(ValidationError):
        Safety(min_confidence=0.74)


@pytest.mark.parametrize("tier", [0, 6, True, "3"])
def test_there_are_five_tiers(tier: object) -> None:
    with pytest.raises(ValidationError):
        Safety.model_validate({"automation": tier})
