"""Keeping: what was dealt with is forgotten, and old entries are sealed away, while Heal runs."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from bot import plugins, ports
from bot.app import sections
from bot.core.errors import StoreUnavailable
from bot.store import tidying
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.store.sealing import KeepingSettings, Sealing
from bot.timers import Timers

EVERY = timedelta(hours=6)
NAME = "forget what was dealt with"


class Keeping:
    """Looks after the file of a running house; what breaks off goes on at the next start."""

    def __init__(
        self,
        told: plugins.Sections,
        sealing: Sealing,
        inbox: Inbox,
        outbox: Outbox,
        clock: ports.Clock,
    ) -> None:
        """`told` holds the setting; ConfigurationError when it is wrong."""
        self._keep = sections.read("ledger", KeepingSettings, told).keep
        self._sealing = sealing
        self._inbox = inbox
        self._outbox = outbox
        self._clock = clock

    async def begin(self, timers: Timers) -> None:
        """Finish what an earlier life was sealing, and look again from time to time."""
        with suppress(StoreUnavailable):
            await self._sealing.finish()
        timers.every(EVERY, NAME, self.look)

    async def look(self) -> None:
        """Forget and seal what is old enough; while the ledger cannot be written, nothing."""
        with suppress(StoreUnavailable):
            await tidying.tidy(self._inbox, self._outbox, self._clock.now())
            if self._keep is not None:
                await self._sealing.seal(self._keep, self._clock.now())
