"""Daily: the report of the last day, told once, also when nobody ran at the time for it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot import ports
from bot.core.errors import HealError
from bot.core.prospects import Report

DAY = timedelta(days=1)
LOOK_EVERY = timedelta(minutes=1)
log = logging.getLogger(__name__)

Make = Callable[[timedelta, datetime], Awaitable[Report]]
Say = Callable[[str, str, Report], Awaitable[bool]]
"""Tell in this channel the report of this name, once ever; False = it cannot be told now."""


class ReportSettings(BaseModel):
    """Where and when the daily report is told: `HEAL_REPORT_…`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str = Field(
        default="",
        description="the channel that is told every day what the last one came to, such as "
        "#sre-postmortems; nowhere unless set",
    )
    at: str = Field(
        default="07:00",
        pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="when, in UTC, as 07:00: the report ends there and begins a day before",
    )


class Daily:
    """Looks every minute whether one is due that was not told yet."""

    def __init__(self, settings: ReportSettings, clock: ports.Clock, make: Make, say: Say) -> None:
        self._settings = settings
        self._clock = clock
        self._make = make
        self._say = say
        self._began = clock.now()
        self._told: datetime | None = None

    @property
    def wanted(self) -> bool:
        return bool(self._settings.channel.strip())

    async def look(self) -> None:
        """Tell what is due; what goes wrong is logged, and it is tried again."""
        due = self._due()
        if due == self._told:
            return
        try:
            if await self._tell(due):
                self._told = due
        except HealError as error:
            log.warning("the report of %s could not be told yet: %s", f"{due:%F}", error)

    async def _tell(self, due: datetime) -> bool:
        report = await self._make(DAY, due)
        if due < self._began and not report.courses:
            return True  # a new house has no day behind it
        return await self._say(self._settings.channel, f"{due:%F}", report)

    def _due(self) -> datetime:
        """The last moment at which one was due."""
        now = self._clock.now()
        hour, minute = map(int, self._settings.at.split(":"))
        today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return today if today <= now else today - DAY
