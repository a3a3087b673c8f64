"""Others: processes that may still be doing what they began before this one took over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.errors import UncertainError
from bot.core.transcript import Entry
from bot.ports import Clock

LATE = 10.0
"""Seconds that an act may begin after its claim, and that the clocks of two machines may differ."""
LOOK = 1.0
"""Seconds between two looks whether the others are known to be dead by now."""
BROKEN_OFF = "it was broken off: another replica may act by now"


class Others(Protocol):
    """What is known of them."""

    def theirs(self, entry: Entry) -> bool:
        """Whether another process recorded it."""

    def gone(self) -> bool:
        """Whether every other process that ever acted is known to be dead."""

    def acting(self) -> AbstractAsyncContextManager[None]:
        """Inside, what is done ends with UncertainError once another process may act."""


class Nobody:
    """One process with a file of its own: its lock says that who had it before is dead."""

    def theirs(self, entry: Entry) -> bool:
        del entry
        return False

    def gone(self) -> bool:
        return True

    def acting(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()


class Deadline:
    """
    An instant that has passed when either clock says so: the wall's may be set back.

    `since` is the last instant that is known to have been before: the wall's clock may also have
    been set back while nobody ran who could tell.
    """

    __slots__ = ("_clock", "_ends", "at")

    def __init__(self, at: datetime, clock: Clock, since: datetime) -> None:
        self.at = at
        self._clock = clock
        self._ends = clock.monotonic() + (at - max(since, clock.now())).total_seconds()

    @property
    def left(self) -> float:
        """Seconds; none or fewer when it is over."""
        wall = (self.at - self._clock.now()).total_seconds()
        return min(wall, self._ends - self._clock.monotonic())


class Acts:
    """What this process is doing: it can be broken off, as far as it is done from here."""

    def __init__(self) -> None:
        self._limits: set[asyncio.Timeout] = set()

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[None]:
        """What is done inside ends with UncertainError when it is broken off."""
        limit = asyncio.timeout(None)
        self._limits.add(limit)
        try:
            async with limit:
                yield
        except TimeoutError as error:
            if limit.expired():
                raise UncertainError(BROKEN_OFF) from error
            raise
        finally:
            self._limits.discard(limit)

    def break_off(self) -> None:
        """End all that is under way."""
        now = asyncio.get_running_loop().time()
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(now)


async def outlived(claim: Entry, within: float, others: Others, clock: Clock) -> None:
    """Wait until an act of so many seconds that somebody claimed is over, or its process dead."""
    until = Deadline(claim.at + timedelta(seconds=within + LATE), clock, claim.at)
    while (left := until.left) > 0 and not others.gone():
        await clock.sleep(min(left, LOOK))
