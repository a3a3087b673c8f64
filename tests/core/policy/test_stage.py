from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.clauses import ApprovedFor
from bot.core.policy import rules, stage
from bot.core.policy.sections import Stage, Staging
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import NOW, a_case, a_plan, a_rulebook, a_safety

DRY: dict[str, Any] = {"stage": "dry_run"}
ASK: dict[str, Any] = {"stage": "ask"}
STAGES = [each.value for each in Stage]
INSTANT = timedelta(microseconds=1)


def staged(*lines: dict[str, Any], default: str = "auto", **changes: Any) -> Any:
    rulebook = a_rulebook(stages={"default": default, "lines": list(lines)}, **changes)
    return a_case(rulebook=rulebook)


@pytest.mark.parametrize(
    ("default", "expected"),
    [("dry_run", Ruling.DENY), ("ask", Ruling.ASK), ("auto", Ruling.ALLOW)],
)
def test_a_stage_only_shows_or_asks_or_leaves_it_to_the_rest(
    default: str, expected: Ruling
) -> None:
    assert rules.judge(staged(default=default)).ruling is expected


def test_a_house_that_says_nothing_of_stages_leaves_all_to_the_other_rules() -> None:
    assert stage.judge(a_case()).ruling is Ruling.ALLOW


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ({"runbooks": ["restart-shop"]}, True),
        ({"runbooks": ["restart-*"], "services": ["shop"], "environments": ["staging"]}, True),
        ({"runbooks": ["restart"]}, False),
        ({"services": ["shops"]}, False),
        ({"environments": ["production"]}, False),
    ],
)
def test_a_line_is_about_its_runbooks_services_and_environments(
    line: dict[str, Any], *, fits: bool
) -> None:
    ruling = stage.judge(staged({**DRY, **line})).ruling

    assert ruling is (Ruling.DENY if fits else Ruling.ALLOW)


def test_a_line_that_fits_stands_in_the_place_of_the_default() -> None:
    assert stage.judge(staged({"stage": "auto"}, default="dry_run")).ruling is Ruling.ALLOW


@pytest.mark.parametrize("turned", [1, -1])
def test_of_several_lines_that_fit_the_strictest_holds_in_any_order(turned: int) -> None:
    lines: list[dict[str, Any]] = [{"stage": "auto", "runbooks": ["restart-shop"]}, ASK]

    assert stage.judge(staged(*lines[::turned])).ruling is Ruling.ASK


@pytest.mark.parametrize(
    ("since", "expected"),
    [(NOW - INSTANT, Ruling.DENY), (NOW, Ruling.DENY), (NOW + INSTANT, Ruling.ALLOW)],
)
def test_a_line_holds_from_its_first_instant_on(since: Any, expected: Ruling) -> None:
    assert stage.judge(staged({**DRY, "since": since.isoformat()})).ruling is expected


def test_a_line_of_the_future_leaves_the_default_in_its_place() -> None:
    later = (NOW + INSTANT).isoformat()

    assert stage.judge(staged({"stage": "auto", "since": later}, default="ask")).ruling is (
        Ruling.ASK
    )


def test_an_undo_is_not_held_up_by_a_stage() -> None:
    undo = staged(default="dry_run")

    assert stage.judge(a_case(plan=a_plan(undoes="inc-1"), rulebook=undo.rulebook)).ruling is (
        Ruling.ALLOW
    )


def test_the_reason_says_the_stage_since_when_and_what_to_do() -> None:
    case = staged({**DRY, "since": "2026-11-20T09:00:00+01:00"})

    assert stage.judge(case).reason == (
        "restart-shop is in stage dry_run for shop in staging since 2026-11-20 08:00:00 UTC: "
        "it is only shown until `stages` of the policy says ask"
    )


@pytest.mark.parametrize(
    "wrong",
    [{}, {"stage": "manual"}, {**DRY, "runbook": "x"}, {**DRY, "runbooks": []},
     {**DRY, "since": "2026-11-20T09:00:00"}],
)  # fmt: skip
def test_a_line_is_strict(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Staging.model_validate(wrong)


@pytest.mark.parametrize("name", STAGES)
def test_no_stage_lets_an_action_of_the_never_auto_list_run_unattended(name: str) -> None:
    case = staged(default=name, never_unattended=["kubernetes.*"])

    assert stage.without(rules.judge(case).verdicts) is Ruling.ASK
    assert rules.judge(case).ruling >= Ruling.ASK


@pytest.mark.parametrize("name", STAGES)
def test_no_stage_lets_a_plan_below_the_confidence_floor_run_unattended(name: str) -> None:
    rulebook = a_rulebook(stages={"default": name})
    unsure = a_case(rulebook=rulebook, plan=a_plan(confidence=0.79))

    assert stage.without(rules.judge(unsure).verdicts) is Ruling.ASK
    assert rules.judge(unsure).ruling >= Ruling.ASK


@pytest.mark.parametrize("name", STAGES)
def test_no_stage_lets_a_runbook_run_where_its_owner_did_not_allow_it(name: str) -> None:
    elsewhere = (ApprovedFor(service="shop", environment="production"),)
    case = a_case(rulebook=a_rulebook(stages={"default": name}), approved_for=elsewhere)

    assert rules.judge(case).ruling is Ruling.DENY


@pytest.mark.parametrize("name", STAGES)
def test_no_stage_loosens_a_runbook_that_asks_by_itself(name: str) -> None:
    case = a_case(rulebook=a_rulebook(stages={"default": name}), safety=a_safety(unattended=False))

    assert rules.judge(case).ruling >= Ruling.ASK
