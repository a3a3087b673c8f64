from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.lifecycle import State
from bot.core.policy import attempts
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import MINUTE, a_case, a_plan, a_rulebook, an_attempt

ENDS = (State.ESCALATED, State.NOT_FIXED, State.CANCELLED)


def tried(*agos: timedelta, **changes: object) -> tuple[object, ...]:
    given = {"alert": "ServiceDown", **changes}
    return tuple(
        an_attempt(ago, ended=end, incident=f"inc-{number}", **given)
        for number, (ago, end) in enumerate(zip(agos, ENDS, strict=False), 1)
    )


def test_after_three_in_ten_minutes_a_person_is_called_with_what_was_tried() -> None:
    actual = attempts.judge(a_case(attempts=tried(9 * MINUTE, 6 * MINUTE, 2 * MINUTE)))

    assert actual.ruling is Ruling.DENY
    assert actual.reason == (
        "3 of 3 attempts in 10 min at shop: ServiceDown. Tried: "
        "inc-1 restart-shop at 2026-11-20 11:51:00 UTC (escalated), "
        "inc-2 restart-shop at 2026-11-20 11:54:00 UTC (not fixed), "
        "inc-3 restart-shop at 2026-11-20 11:58:00 UTC (cancelled). A person takes over"
    )


@pytest.mark.parametrize(
    ("first", "ruling"),
    [
        (10 * MINUTE, Ruling.ALLOW),
        (10 * MINUTE - timedelta(microseconds=1), Ruling.DENY),
        (-MINUTE, Ruling.DENY),
    ],
)
def test_an_attempt_leaves_at_the_very_end_of_its_window(first: timedelta, ruling: Ruling) -> None:
    assert attempts.judge(a_case(attempts=tried(first, MINUTE, MINUTE))).ruling is ruling


def test_each_runbook_counts_but_another_alert_and_another_service_do_not() -> None:
    agos = (9 * MINUTE, 6 * MINUTE, 2 * MINUTE)
    runbook = a_case(attempts=tried(*agos, runbook="another"))
    alert = a_case(attempts=tried(*agos, alert="DiskFull"))
    service = a_case(attempts=tried(*agos, service="cart"))
    unknown = a_case(attempts=tried(*agos, alert=""))

    rulings = [attempts.judge(case).ruling for case in (runbook, alert, service, unknown)]
    assert rulings == [Ruling.DENY, Ruling.ALLOW, Ruling.ALLOW, Ruling.DENY]


def test_a_run_that_goes_on_is_said_to() -> None:
    many = (an_attempt(MINUTE, ended=None, alert="ServiceDown"),)
    case = a_case(attempts=many, rulebook=a_rulebook(attempts={"limit": 1, "within": "5m"}))

    assert "1 of 1 attempt in 5 min" in attempts.judge(case).reason
    assert "(under way)" in attempts.judge(case).reason


def test_neither_an_undo_nor_what_a_person_asks_for_is_held_up() -> None:
    full = tried(9 * MINUTE, 6 * MINUTE, 2 * MINUTE)
    undo = a_case(attempts=full, plan=a_plan(undoes="inc-1"))
    wish = a_case(attempts=full, alert="")

    assert [attempts.judge(case).ruling for case in (undo, wish)] == [Ruling.ALLOW] * 2
