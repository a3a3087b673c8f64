"""Calendars: those that the policy names are fetched, and reckoned before they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx

from bot import ports
from bot.catalog.reloading import Catalog
from bot.clients.subscriptions import Subscriptions
from bot.core.library import Library
from bot.core.policy.timetable import Calendar, day_of, expand
from bot.timers import Timers

EVERY = timedelta(minutes=1)
"""How often it is seen whether one is due, or the policy names another."""


class Calendars:
    """Follows the policy, which may change while Heal runs."""

    def __init__(
        self, client: httpx.AsyncClient, clock: ports.Clock, catalog: Catalog[Library]
    ) -> None:
        self._subscriptions = Subscriptions(client, clock)
        self._clock = clock
        self._catalog = catalog

    def standing(self) -> Mapping[str, Calendar]:
        """What was fetched, by address."""
        return self._subscriptions.standing()

    def begin(self, tasks: ports.Background, timers: Timers) -> None:
        """Fetch them now, without anybody waiting for it, and again and again."""
        tasks.start(self.look(), name="calendars of the policy")
        timers.every(EVERY, "look whether a calendar is due", self.look)

    async def look(self) -> None:
        """Fetch what is due, and lay out today and tomorrow, so that no judgement waits for it."""
        library = self._catalog.current
        rulebook, held = library.rulebook, library.calendars
        windows = (*rulebook.freezes, *rulebook.maintenance)
        await self._subscriptions.look(
            (one.calendar, one.timezone or "UTC") for one in windows
            if one.calendar and one.calendar not in held
        )  # fmt: skip
        now, known = self._clock.now(), {**held, **self.standing()}
        for day in (day_of(now), day_of(now + timedelta(days=1))):
            await asyncio.to_thread(expand, rulebook, known, day)
