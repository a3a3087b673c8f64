"""Who is on call by a rotation that stands in the policy itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, model_validator

from bot.core import spelling
from bot.core.policy.sections.words import Count, Moment, Name
from bot.core.values import Frozen


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(spelling.unknown(name, available_timezones())) from None
    return name


Zone = Annotated[Name, AfterValidator(_zone)]


class Override(Frozen):
    """Somebody else is on call in a span, `[starts, ends)`."""

    starts: Moment = Field(description="its first instant, with its offset from UTC")
    ends: Moment = Field(description="the first instant after it, with its offset from UTC")
    people: tuple[Name, ...] = Field(min_length=1, description="ids of who is on call then")

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Self:
        if self.starts >= self.ends:
            raise ValueError("an override ends before it starts: swap starts and ends")
        return self


class Rota(Frozen):
    """One after the other is on call for a number of days, and after the last the first again."""

    people: tuple[Name, ...] = Field(min_length=1, description="ids of people, in their order")
    zone: Zone = Field(description="the IANA zone in which days and handovers are counted")
    first: date = Field(
        description="the day on which the first person's first turn begins; nobody is on call "
        "before it. With turns of whole weeks, each handover is on its weekday"
    )
    handover: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        default="09:00", description="the time of day at which a turn begins"
    )
    days: Count = Field(default=7, description="how many days a turn lasts")
    overrides: tuple[Override, ...] = Field(
        default=(), description="spans in which others stand in; no two at the same time"
    )

    @model_validator(mode="after")
    def _has_no_two_overrides_at_once(self) -> Self:
        spans = sorted((one.starts, one.ends) for one in self.overrides)
        for (_, ends), (starts, _) in pairwise(spans):
            if starts < ends:
                raise ValueError(f"two overrides hold at {starts.isoformat()}: keep one of them")
        return self

    def on_call(self, at: datetime) -> tuple[str, ...]:
        """Return who is on call at an instant; nobody before the first turn."""
        for one in self.overrides:
            if one.starts <= at < one.ends:
                return one.people
        turn = (at.astimezone(ZoneInfo(self.zone)).date() - self.first).days // self.days
        while self._begins(turn) > at:
            turn -= 1
        while self._begins(turn + 1) <= at:
            turn += 1
        return (self.people[turn % len(self.people)],) if turn >= 0 else ()

    def _begins(self, turn: int) -> datetime:
        """
        Return the instant of a handover.

        A time of day that the clocks leave out is as much later, one that they show twice is meant
        as they show it first.
        """
        day = self.first + timedelta(days=turn * self.days)
        local = datetime.combine(day, time.fromisoformat(self.handover), ZoneInfo(self.zone))
        return local.astimezone(UTC)
