"""The day that is kept is another as soon as the day, the policy or a calendar is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.core.library import Library
from bot.core.policy.timetable import Calendar
from bot.core.recurrence import Span
from bot.engine.timetables import Timetables
from tests import builders

NOW = builders.START
DAY = timedelta(days=1)
ADDRESS = "https://cal.example.org/x.ics"


def a_library(*freezes: dict[str, Any]) -> Library:
    return builders.a_library(rulebook=builders.a_rulebook(freezes=freezes))


def a_freeze(starts: datetime) -> dict[str, Any]:
    return {"name": "x", "starts": starts, "ends": starts + timedelta(hours=1)}


def a_calendar(*spans: Span) -> Calendar:
    return Calendar(lambda since, until, zone: spans, NOW)


def test_a_day_is_laid_out_once() -> None:
    kept, library = Timetables(), a_library(a_freeze(NOW))

    assert kept.of(library, {}, NOW) is kept.of(library, {}, NOW + timedelta(hours=2))


def test_the_next_day_is_another_and_so_is_the_day_before() -> None:
    kept, library = Timetables(), a_library(a_freeze(NOW))

    counts = [len(kept.of(library, {}, at).freezes) for at in (NOW - DAY, NOW, NOW + DAY, NOW)]
    assert counts == [0, 1, 0, 1]


def test_another_policy_is_laid_out_at_once() -> None:
    kept = Timetables()

    assert len(kept.of(a_library(a_freeze(NOW)), {}, NOW).freezes) == 1
    assert len(kept.of(a_library(), {}, NOW).freezes) == 0


def test_a_calendar_that_was_read_anew_is_laid_out_at_once() -> None:
    kept = Timetables()
    library = a_library({"name": "x", "calendar": ADDRESS, "timezone": "UTC"})
    first = kept.of(library, {}, NOW).freezes[0]
    second = kept.of(library, {ADDRESS: a_calendar(Span(NOW, NOW + DAY))}, NOW).freezes[0]

    assert first.doubtful(NOW)
    assert second.at(NOW) is not None
