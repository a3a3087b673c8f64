"""How waiting works: a revision that grows with every change, and wakes whoever waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

GLANCE_SECONDS = 0.05  # a condition may also be about the bot's own memory, which does not wake us


class Pulse:
    """The heartbeat of one workspace."""

    def __init__(self) -> None:
        self.revision = 0
        self.closed = False
        self._beat = asyncio.Event()

    def changed(self) -> None:
        """Something that can be seen is different now."""
        self.revision += 1
        self._wake()

    def close(self) -> None:
        """Wakes everybody for the last time."""
        self.closed = True
        self._wake()

    async def beat(self, since: int, timeout: float) -> bool:  # noqa: ASYNC109 - a pause, not a deadline
        """Whether there was a change after revision `since`, waiting at most `timeout` seconds."""
        if self.revision == since and not self.closed:
            beat = self._beat
            try:
                await asyncio.wait_for(beat.wait(), timeout)
            except TimeoutError:
                return False
        return self.revision != since

    async def until(self, condition: Callable[[], Seen], timeout: float) -> Seen:  # noqa: ASYNC109
        """The first truthy value of `condition`; TimeoutError when `timeout` seconds are over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not (seen := condition()):
            left = deadline - loop.time()
            if left <= 0:
                raise TimeoutError(f"the workspace did not come to that within {timeout:g} s")
            await self.beat(self.revision, min(left, GLANCE_SECONDS))
        return seen

    def _wake(self) -> None:
        self._beat.set()
        self._beat = asyncio.Event()
