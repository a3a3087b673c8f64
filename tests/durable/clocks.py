"""A clock that a test moves by hand."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from tests.store.drafts import NOON


class HandClock:
    """Time stands still until it is told to pass."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._ran = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._ran

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._ran + seconds, woken))
        await woken

    def set(self, seconds: float) -> None:
        """Somebody sets the wall clock forward; nobody's sleep is any shorter for it."""
        self._now += timedelta(seconds=seconds)

    def tick(self, seconds: float) -> None:
        self.set(seconds)
        self._ran += seconds
        for due, woken in self._sleepers:
            if due <= self._ran and not woken.done():
                woken.set_result(None)

    @property
    def asleep(self) -> int:
        return sum(not woken.done() for _, woken in self._sleepers)
