"""When people are at work, so that somebody is there if something goes wrong."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from bot.core import recurrence
from bot.core.values import Frozen

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
DAYS: tuple[str, ...] = get_args(Day)


def _known(zone: str) -> str:
    return recurrence.zone(zone).key


class WorkingHours(Frozen):
    """Outside of them a plan has a few points of risk more."""

    time_zone: Annotated[str, AfterValidator(_known)] = Field(
        description="IANA name: Europe/Berlin"
    )
    days: tuple[Day, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri"), min_length=1, description="days of work"
    )
    starts: Clock = Field(default="08:00", description="local time; it is in")
    ends: Clock = Field(default="18:00", description="local time; it is out")

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Self:
        if self.starts >= self.ends:
            raise ValueError("working_hours ends before it starts: write the hours of one day")
        return self

    def outside(self, now: datetime) -> str:
        """What the clock says there when nobody is at work; empty when they are."""
        there = now.astimezone(recurrence.zone(self.time_zone))
        day = DAYS[there.weekday()]
        working = time.fromisoformat(self.starts) <= there.time() < time.fromisoformat(self.ends)
        return "" if day in self.days and working else f"{day} {there:%H:%M} in {self.time_zone}"
