from __future__ import annotations

import pytest

from bot.core.policy import storm_guard
from bot.core.policy.troubled import Troubled
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_rulebook


@pytest.mark.parametrize(
    ("services", "of", "expected"),
    [
        (5, 16, Ruling.ASK),
        (4, 5, Ruling.ALLOW),
        (6, 20, Ruling.ALLOW),
        (7, 20, Ruling.ASK),
        (0, 0, Ruling.ALLOW),
    ],
)
def test_it_is_a_storm_above_the_share_and_from_the_number_on(
    services: int, of: int, expected: Ruling
) -> None:
    assert storm_guard.judge(a_case(troubled=Troubled(services, of))).ruling == expected


def test_in_a_storm_heal_says_how_many_and_leaves_it_to_a_person() -> None:
    assert storm_guard.judge(a_case(troubled=Troubled(12, 30))).reason == (
        "12 of 30 services (40 %) have an open incident: this is a storm, so Heal does nothing by "
        "itself and a person decides"
    )


def test_the_policy_may_let_nothing_begin_not_even_an_undo() -> None:
    rulebook = a_rulebook(storm={"then": "deny", "at_least": 1, "above_percent": 2.0})
    undo = a_plan(undoes="inc-1")

    actual = storm_guard.judge(a_case(troubled=Troubled(1, 30), rulebook=rulebook, plan=undo))

    assert actual.ruling == Ruling.DENY
    assert actual.reason == (
        "1 of 30 services (3.3 %) has an open incident: this is a storm, so Heal does nothing by "
        "itself, and the policy lets nothing begin until it is over"
    )


def test_without_a_storm_the_count_is_said() -> None:
    assert storm_guard.judge(a_case(troubled=Troubled(1, 30))).reason == (
        "1 of 30 services (3.3 %) has an open incident, so it is no storm"
    )
