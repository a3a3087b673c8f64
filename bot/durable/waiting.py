"""Waiting: for a bell or a time, whichever is first, and for a ledger that can be written again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.core.errors import StoreUnavailable
from bot.ports import Clock

T = TypeVar("T")
log = logging.getLogger(__name__)

SLICE = 30.0
"""Seconds of one wait at most, so that a wall clock that was set is noticed."""
RETRY = 1.0
"""Seconds between two tries to write; an operator who made room waits no longer than this."""


class Bell:
    """Rings once, for all who wait for it, and for all who do so later."""

    def __init__(self) -> None:
        self._rung = asyncio.get_running_loop().create_future()

    def ring(self) -> None:
        if not self._rung.done():
            self._rung.set_result(None)

    @property
    def rung(self) -> bool:
        return self._rung.done()

    async def wait(self) -> None:
        await asyncio.wait({self._rung})

    async def wait_at_most(self, seconds: float, clock: Clock) -> None:
        """Wait until it rings, at most so long by this clock."""
        async with asyncio.TaskGroup() as group:
            sleeping = group.create_task(clock.sleep(seconds))
            await asyncio.wait({self._rung, sleeping}, return_when=asyncio.FIRST_COMPLETED)
            sleeping.cancel()


async def written(clock: Clock, ask: Callable[[], Awaitable[T]]) -> T:
    """
    Ask the ledger until it answers.

    For what has happened already: to go on without it in the record would be to do it again.
    """
    said = False
    while True:
        try:
            return await ask()
        except StoreUnavailable as error:
            if not said:
                log.warning("%s; trying again every %g s", error, RETRY)
            said = True
            await clock.sleep(RETRY)
