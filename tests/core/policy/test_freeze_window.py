from __future__ import annotations

from typing import Any

import pytest

from bot.core import facts
from bot.core.alert import Severity
from bot.core.policy import freeze_window
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling
from bot.core.standing import Standing
from tests.core.policy.builders import HOUR, NOW, SECOND, a_case, a_plan, a_rulebook


def frozen(**changes: Any) -> dict[str, Any]:
    return {"name": "year end", "starts": NOW - HOUR, "ends": NOW + HOUR, **changes}


def a_frozen_case(*freezes: dict[str, Any], **changes: Any) -> Case:
    return a_case(rulebook=a_rulebook(freezes=freezes), **changes)


def test_without_a_freeze_a_plan_is_free_to_go() -> None:
    assert freeze_window.judge(a_case()).ruling == Ruling.ALLOW


def test_a_freeze_denies_and_says_until_when() -> None:
    actual = freeze_window.judge(a_frozen_case(frozen()))

    assert actual.ruling == Ruling.DENY
    assert "year end freezes shop in staging until 2026-11-20 13:00:00 UTC" in actual.reason


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (NOW, NOW + HOUR, Ruling.DENY),
        (NOW + SECOND, NOW + HOUR, Ruling.ALLOW),
        (NOW - HOUR, NOW, Ruling.ALLOW),
        (NOW - HOUR, NOW + SECOND, Ruling.DENY),
    ],
)
def test_a_freeze_begins_at_its_start_and_is_over_at_its_end(
    starts: Any, ends: Any, expected: Ruling
) -> None:
    case = a_frozen_case(frozen(starts=starts, ends=ends))

    assert freeze_window.judge(case).ruling == expected


def test_two_freezes_back_to_back_leave_no_gap() -> None:
    case = a_frozen_case(frozen(ends=NOW), frozen(starts=NOW))

    assert freeze_window.judge(case).ruling == Ruling.DENY


@pytest.mark.parametrize("where", [{"environments": ["production"]}, {"services": ["db-*"]}])
def test_a_freeze_of_something_else_does_not_matter(where: Any) -> None:
    assert freeze_window.judge(a_frozen_case(frozen(**where))).ruling == Ruling.ALLOW


def test_a_freeze_is_for_the_patterns_that_it_names() -> None:
    case = a_frozen_case(frozen(environments=["stag*"], services=["db-*", "sh*"]))

    assert freeze_window.judge(case).ruling == Ruling.DENY


def test_a_critical_incident_may_ask_where_the_freeze_lets_it() -> None:
    case = a_frozen_case(frozen(lets_urgent_ask=True), severity=Severity.CRITICAL)

    assert freeze_window.judge(case).ruling == Ruling.ASK


def test_a_critical_incident_is_denied_where_the_freeze_does_not_let_it() -> None:
    case = a_frozen_case(frozen(), severity=Severity.CRITICAL)

    assert freeze_window.judge(case).ruling == Ruling.DENY


def test_a_warning_may_not_ask_in_a_freeze() -> None:
    case = a_frozen_case(frozen(lets_urgent_ask=True))

    assert freeze_window.judge(case).ruling == Ruling.DENY


def test_of_two_freezes_at_once_the_stricter_one_holds_and_is_named() -> None:
    lenient = frozen(name="lenient", lets_urgent_ask=True, ends=NOW + 5 * HOUR)
    case = a_frozen_case(lenient, frozen(), severity=Severity.CRITICAL)

    actual = freeze_window.judge(case)

    assert actual.ruling == Ruling.DENY
    assert actual.reason.startswith("year end")


def test_an_undo_does_not_break_a_freeze() -> None:
    case = a_frozen_case(frozen(), plan=a_plan(undoes="inc-1"))

    assert freeze_window.judge(case).ruling == Ruling.DENY


def ordered(**changes: Any) -> facts.Froze:
    given = {"by": "U1", "service": "shop", "until": NOW + HOUR, "why": "release"}
    return facts.Froze.model_validate({**given, **changes})


def a_case_with_orders(*orders: facts.Froze, **changes: Any) -> Case:
    return a_case(standing=Standing(frozen=orders), **changes)


def test_an_ordered_freeze_denies_and_says_who_until_when_and_why() -> None:
    actual = freeze_window.judge(a_case_with_orders(ordered()))

    assert actual.ruling == Ruling.DENY
    assert actual.reason.startswith("U1 froze shop until 2026-11-20 13:00:00 UTC (release)")


def test_an_ordered_freeze_is_over_at_its_end_by_itself() -> None:
    assert freeze_window.judge(a_case_with_orders(ordered(until=NOW))).ruling == Ruling.ALLOW
    assert (
        freeze_window.judge(a_case_with_orders(ordered(until=NOW + SECOND))).ruling == Ruling.DENY
    )


@pytest.mark.parametrize(
    ("service", "environment", "expected"),
    [
        ("*", "*", Ruling.DENY),
        ("*", "staging", Ruling.DENY),
        ("shop", "staging", Ruling.DENY),
        ("shop", "production", Ruling.ALLOW),
        ("sho", "*", Ruling.ALLOW),
    ],
)
def test_an_ordered_freeze_is_for_the_place_that_it_names(
    service: str, environment: str, expected: Ruling
) -> None:
    case = a_case_with_orders(ordered(service=service, environment=environment))

    assert freeze_window.judge(case).ruling == expected


def test_a_critical_incident_is_denied_in_an_ordered_freeze_too() -> None:
    case = a_case_with_orders(ordered(), severity=Severity.CRITICAL)

    assert freeze_window.judge(case).ruling == Ruling.DENY


def test_all_freezes_that_deny_are_named() -> None:
    book = a_rulebook(freezes=[frozen(), frozen(name="friday")])

    actual = freeze_window.judge(a_case_with_orders(ordered(), rulebook=book))

    assert [name in actual.reason for name in ("U1 froze", "year end", "friday")] == [True] * 3
