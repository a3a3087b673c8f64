from __future__ import annotations

from typing import Any

import pytest

from bot.core.alert import Severity
from bot.core.policy import maintenance
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import HOUR, NOW, SECOND, a_case, a_plan, a_rulebook

FAR = {"calendar": "https://cal.example.org/x.ics", "timezone": "UTC"}


def working(**changes: Any) -> dict[str, Any]:
    return {"name": "database move", "starts": NOW - HOUR, "ends": NOW + HOUR, **changes}


def a_worked_on_case(*windows: dict[str, Any], **changes: Any) -> Case:
    return a_case(rulebook=a_rulebook(maintenance=windows), **changes)


def test_while_people_work_on_a_service_it_is_left_to_them() -> None:
    actual = maintenance.judge(a_worked_on_case(working()))

    assert actual.ruling == Ruling.DENY
    assert actual.reason == (
        "people work on shop in staging themselves: database move until 2026-11-20 13:00:00 UTC; "
        "Heal keeps its hands off it before that"
    )


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (NOW, NOW + HOUR, Ruling.DENY),
        (NOW + SECOND, NOW + HOUR, Ruling.ALLOW),
        (NOW - HOUR, NOW, Ruling.ALLOW),
        (NOW - HOUR, NOW + SECOND, Ruling.DENY),
    ],
)
def test_it_begins_at_its_start_and_is_over_at_its_end(
    starts: Any, ends: Any, expected: Ruling
) -> None:
    case = a_worked_on_case(working(starts=starts, ends=ends))

    assert maintenance.judge(case).ruling == expected


def test_a_critical_incident_is_left_to_them_too() -> None:
    case = a_worked_on_case(working(), severity=Severity.CRITICAL)

    assert maintenance.judge(case).ruling == Ruling.DENY


def test_taking_a_run_back_is_left_to_them_too() -> None:
    case = a_worked_on_case(working(), plan=a_plan(undoes="inc-1"))

    assert maintenance.judge(case).ruling == Ruling.DENY


def test_work_on_something_else_does_not_matter() -> None:
    case = a_worked_on_case(working(services=["db-*"]), {"name": "far", "services": ["db"], **FAR})

    assert maintenance.judge(case).ruling == Ruling.ALLOW


def test_several_at_once_are_all_named() -> None:
    actual = maintenance.judge(a_worked_on_case(working(), working(name="new disks")))

    assert "database move until" in actual.reason
    assert "new disks until" in actual.reason


def test_a_calendar_that_was_never_read_is_asked_about() -> None:
    actual = maintenance.judge(a_worked_on_case({"name": "far", **FAR}))

    assert actual.ruling == Ruling.ASK
    assert "the calendar of far was not read" in actual.reason
