"""Gate: lets acts begin until the process is told to go, then waits for those that run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from bot.durable.waiting import Bell
from bot.ports import Clock

Leave = Callable[[], Awaitable[None]]


class Gate:
    """Counts the acts of this process; each waits for `leave` before it begins."""

    def __init__(self, clock: Clock, leave: Leave | None = None) -> None:
        self.closed = False
        self._clock = clock
        self._leave = leave
        self._inside = 0
        self._empty: Bell | None = None

    def act(self) -> Self:
        """Hold the gate open for one act; behind a closed gate nothing begins any more."""
        return self

    async def __aenter__(self) -> None:
        if self._leave is not None:
            await self._leave()
        if self.closed:
            await asyncio.Event().wait()  # the task that stands here is cancelled soon
        self._inside += 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._inside -= 1
        if not self._inside and self._empty is not None:
            self._empty.ring()

    async def close(self, grace: float) -> None:
        """Let nothing begin, and give what runs this many seconds to end and be recorded."""
        self.closed = True
        if self._inside:
            self._empty = Bell()
            await self._empty.wait_at_most(grace, self._clock)
