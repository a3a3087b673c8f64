"""Reports: the last day, week and month; each is made once a minute at most, and says when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import ports
from bot.core import prospects
from bot.core.course import Course
from bot.core.errors import HealError
from bot.core.telling import report
from bot.core.telling.phrases import utc
from bot.web.pages import markup
from bot.web.pages.markup import Html, joined, tag
from bot.web.pages.needs import Shelf
from bot.web.pages.runs import SPANS

FRESH = timedelta(minutes=1)
STALE = timedelta(minutes=15)
"""From then on nobody is shown it without waiting for a newer one."""
RENEWED = timedelta(minutes=10)
"""How often all of them are made anew, so that nobody has to wait."""


class Reports:
    """Keeps the last page of each; an older one is shown while a newer one is made."""

    def __init__(self, shelf: Shelf, clock: ports.Clock, tasks: ports.Background) -> None:
        self._shelf = shelf
        self._clock = clock
        self._tasks = tasks
        self._kept: dict[str, tuple[datetime, Html]] = {}
        self._making: dict[str, asyncio.Lock] = {name: asyncio.Lock() for name in SPANS}

    async def shown(self, name: str) -> Html:
        """The report of the last 24h, 7d or 30d."""
        now, kept = self._clock.now(), self._kept.get(name)
        if kept is None or now - kept[0] > STALE:
            return await self._make(name, now)
        if now - kept[0] > FRESH and not self._making[name].locked():
            self._tasks.start(self._renew(name, now), name=f"the report of the last {name}")
        return kept[1]

    async def renew(self) -> None:
        """Make all of them anew; what cannot be made now is made when somebody asks for it."""
        for name in SPANS:
            await self._renew(name, self._clock.now())

    async def _renew(self, name: str, now: datetime) -> None:
        """A newer one that cannot be made now is made when somebody asks for it again."""
        try:
            await self._make(name, now)
        except HealError:
            return

    async def _make(self, name: str, now: datetime) -> Html:
        async with self._making[name]:
            kept = self._kept.get(name)
            if kept is not None and kept[0] >= now:
                return kept[1]
            since = now - SPANS[name]
            courses = await self._shelf.between(since, now)
            made = await asyncio.to_thread(_written, name, courses, since, now)
            self._kept[name] = now, made
            return made


def _written(name: str, courses: Sequence[Course], since: datetime, now: datetime) -> Html:
    made = prospects.report(courses, since, now)
    ways = (
        tag("a", f"Last {one}", href=f"/reports?for={one}", aria_current="page" * (one == name))
        for one in SPANS
    )
    spaced = (part for way in ways for part in (way, " "))
    return joined((
        markup.told(report.blocks(made)),
        tag("p", f"Made {utc(now)}, and anew once a minute while somebody looks."),
        tag("p", *spaced, class_="more"),
    ))  # fmt: skip
