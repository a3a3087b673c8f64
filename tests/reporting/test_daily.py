"""The report of a day is told once, at its time or as soon after it as can be."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from bot.core.course import Course
from bot.core.errors import ConfigurationError
from bot.core.prospects import Report, report
from bot.reporting.daily import Daily, ReportSettings
from tests import builders
from tests.core.test_figures import a_course
from tests.fakes import FakeClock

HOUR = 3600.0
SETTINGS = ReportSettings(channel="#reviews", at="07:00")
"""The clock begins at 03:00."""


class Office:
    """Makes reports of one incident, and hears them while it is open."""

    def __init__(self, *courses: Course) -> None:
        self.courses = courses or (a_course(),)
        self.told: list[tuple[str, str, datetime]] = []
        self.open = True
        self.error: Exception | None = None

    async def make(self, lasts: timedelta, until: datetime) -> Report:
        return report(self.courses, until - lasts, until)

    async def say(self, channel: str, day: str, made: Report) -> bool:
        if self.error is not None:
            raise self.error
        if self.open:
            self.told.append((channel, day, made.figures.until))
        return self.open


async def lived(daily: Daily, clock: FakeClock, hours: int) -> None:
    """Let it look four times an hour."""
    for _ in range(hours * 4):
        await daily.look()
        clock.advance(HOUR / 4)


async def test_it_is_told_once_a_day_at_its_time() -> None:
    clock, office = FakeClock(), Office()
    daily = Daily(SETTINGS, clock, office.make, office.say)
    office.courses = ()
    await daily.look()
    assert not office.told, "a new house has no day behind it"

    await lived(daily, clock, 50)

    first = builders.START.replace(hour=7)
    assert office.told == [
        ("#reviews", "2026-03-14", first),
        ("#reviews", "2026-03-15", first + timedelta(days=1)),
    ]


async def test_what_was_due_while_nobody_ran_is_told_at_the_start() -> None:
    office = Office()
    await Daily(SETTINGS, FakeClock(), office.make, office.say).look()

    assert [day for _, day, _ in office.told] == ["2026-03-13"]


async def test_while_it_cannot_be_told_it_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, office = FakeClock(), Office()
    daily = Daily(SETTINGS, clock, office.make, office.say)
    office.open = False
    await lived(daily, clock, 1)
    office.open, office.error = True, ConfigurationError("Heal is not in #reviews")
    await lived(daily, clock, 1)
    assert not office.told
    assert "the report of 2026-03-13 could not be told yet: Heal is not in" in caplog.text

    office.error = None
    await lived(daily, clock, 1)
    assert len(office.told) == 1


@pytest.mark.parametrize("at", ["7:00", "24:00", "07:60", "noon"])
def test_a_time_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(ValidationError, match="at"):
        ReportSettings(channel="#reviews", at=at)


def test_it_is_wanted_only_where_somebody_said_where() -> None:
    office = Office()
    for channel, wanted in (("", False), ("  ", False), ("#reviews", True)):
        settings = ReportSettings(channel=channel)
        assert Daily(settings, FakeClock(), office.make, office.say).wanted is wanted
