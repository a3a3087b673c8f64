"""When nothing is changed, and when people work themselves: once, by a rule, or by a calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Self

from pydantic import Field, model_validator

from bot.core import durations, recurrence
from bot.core.durations import Duration
from bot.core.flaws import Flaw, FlawedError
from bot.core.policy.sections.words import Name, Switch, Time, Where
from bot.core.recurrence import Recurrence, Span

LONGEST = timedelta(days=31)
_CALENDAR = re.compile(r"https?://[!-~]{1,2000}|(?![./])[\w./-]{1,200}\.ics")


class Window(Where):
    """A time, `[starts, ends)`, that comes once, by a rule, or from a calendar."""

    name: Name = Field(description="what it is called on the card")
    starts: Time | None = Field(
        default=None,
        description="its first instant, with its offset from UTC; without one, local in `timezone`",
    )
    ends: Time | None = Field(
        default=None, description="the first instant after it, written like `starts`"
    )
    rrule: str | None = Field(
        default=None,
        max_length=300,
        description="it recurs from `starts` on by this rule of RFC 5545: `FREQ=WEEKLY;BYDAY=FR`; "
        "then `starts` is local, and `lasts` stands instead of `ends`",
    )
    lasts: Duration | None = Field(default=None, description="how long each one is, at most 31d")
    calendar: str | None = Field(
        default=None,
        description="instead of all these: an iCalendar file in `policy/`, or an https address",
    )
    timezone: str | None = Field(
        default=None,
        description="IANA zone of local times, and of a calendar's all-day events: `Europe/Berlin`",
    )
    max_age: Duration | None = Field(
        default=None,
        description="a calendar from an address that was last read longer ago makes the plan "
        "be asked for; 6h unless given",
    )

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if flaws := list(self._flaws()):
            raise FlawedError(flaws)
        return self

    @property
    def is_remote(self) -> bool:
        """Whether its calendar has to be fetched."""
        return self.calendar is not None and "://" in self.calendar

    @property
    def keeps(self) -> timedelta:
        """How long a calendar that was fetched is believed."""
        return self.max_age or durations.parse("6h")

    def spans(self, since: datetime, until: datetime) -> tuple[Span, ...]:
        """Every span that touches `[since, until)`; those of a calendar are not known here."""
        if self.rrule and self.starts and self.timezone and self.lasts:
            one = Recurrence(self.rrule, self.starts, self.timezone, self.lasts)
            return recurrence.occurrences(one, since, until)
        span = self._once()
        return (span,) if span and span.ends > since and span.starts < until else ()

    def _once(self) -> Span | None:
        if self.starts is None or self.ends is None:
            return None
        if self.timezone is None:
            return Span(self.starts.astimezone(UTC), self.ends.astimezone(UTC))
        place = recurrence.zone(self.timezone)
        return Span(recurrence.begins(self.starts, place), recurrence.ends(self.ends, place))

    def _flaws(self) -> Iterator[Flaw]:
        if self.timezone is not None:
            try:
                recurrence.zone(self.timezone)
            except ValueError as error:
                yield Flaw(("timezone",), str(error))
                return
        if self.calendar is not None:
            yield from self._flaws_of_calendar(self.calendar)
        elif self.max_age is not None:
            yield Flaw(("max_age",), "it is for calendars: leave it out")
        elif self.rrule is not None or self.lasts is not None:
            yield from self._flaws_of_rule()
        else:
            yield from self._flaws_of_once()

    def _flaws_of_calendar(self, calendar: str) -> Iterator[Flaw]:
        yield from self._superfluous("its times stand in the calendar", "starts", "ends", "rrule",
                                     "lasts")  # fmt: skip
        if not _CALENDAR.fullmatch(calendar) or ".." in calendar.split("/"):
            yield Flaw(("calendar",), "it is neither a file like `holidays.ics` beside this one "
                       "nor an https address")  # fmt: skip
        if self.timezone is None:
            yield Flaw(("timezone",), "timezone is missing: a calendar's all-day events have none "
                       "of their own, write one like Europe/Berlin")  # fmt: skip
        if self.max_age is not None and not self.is_remote:
            yield Flaw(("max_age",), "a file is read with the policy: leave it out")

    def _flaws_of_rule(self) -> Iterator[Flaw]:
        yield from self._superfluous("`lasts` says how long each one is", "ends")
        for name, meaning in (
            ("rrule", "say how it recurs, or give `starts` and `ends` alone"),
            ("starts", "give the local time of the first one, like 2026-01-02T16:00"),
            ("timezone", "name the zone of `starts`, like Europe/Berlin"),
            ("lasts", "say how long each one is, like 16h"),
        ):
            if getattr(self, name) is None:
                yield Flaw((name,), f"{name} is missing: {meaning}")
        if self.starts is not None and self.starts.tzinfo is not None:
            yield Flaw(("starts",), "it has an offset: a rule recurs on the local clock, so write "
                       "it without one, and `timezone` beside it")  # fmt: skip
        elif self.rrule and self.starts and self.timezone:
            try:
                recurrence.check(self.rrule, self.starts, recurrence.zone(self.timezone))
            except ValueError as error:
                yield Flaw(("rrule",), str(error))
        if self.lasts is not None and not timedelta() < self.lasts <= LONGEST:
            said = durations.text(self.lasts)
            yield Flaw(("lasts",), f"{said} is not possible: write more than 0s, at most 31d")

    def _flaws_of_once(self) -> Iterator[Flaw]:
        for name in ("starts", "ends"):
            at = getattr(self, name)
            if at is None:
                yield Flaw((name,), f"{name} is missing: give `starts` and `ends`, or `rrule` and "
                           "`lasts`, or a `calendar`")  # fmt: skip
                return
            if at.tzinfo is None and self.timezone is None:
                yield Flaw((name,), "it has no offset, so nobody knows when it is: write one like "
                           "+01:00, or a `timezone` beside it")  # fmt: skip
                return
            if at.tzinfo is not None and self.timezone is not None:
                yield Flaw((name,), "it has an offset and `timezone` another: keep one of them")
                return
        if (span := self._once()) and span.starts >= span.ends:
            yield Flaw(("starts",), f"{self.name!r} ends before it starts: swap starts and ends")

    def _superfluous(self, why: str, *names: str) -> Iterator[Flaw]:
        for name in names:
            if getattr(self, name) is not None:
                yield Flaw((name,), f"{why}: leave it out")


class Freeze(Window):
    """A time in which nothing is changed."""

    lets_urgent_ask: Switch = Field(
        default=False, description="a critical incident may ask people instead of being refused"
    )


class Maintenance(Window):
    """A time in which people work on the service themselves, and Heal keeps its hands off."""
