"""
A loop and a clock whose time goes faster while nothing is to be done.

Ten minutes of a house in one process, with Slack and all that it talks to in the same loop, are
then some seconds: every sleep, time-out, back-off, pace and expiry goes through all of them, in
their order. What takes time by itself is waited for at its own speed: work in the loop, threads
that were asked for, programs that were started. So a slow machine makes nobody late in there.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot.clock import Clock

T = TypeVar("T")
Events = list[tuple[selectors.SelectorKey, int]]


class Hastened(Clock):
    """`speed` is how fast time goes while all wait; with 1 it is a clock like every other."""

    def __init__(self) -> None:
        self.speed = 1.0
        self.ahead = 0.0
        """Seconds by which it is later here than in the world."""
        self.working: set[object] = set()
        """What is at work outside of the loop."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead

    def waited(self, seconds: float, most: float) -> None:
        """So long was waited in the world, of `most` that was to be waited: no timer is skipped."""
        self.ahead += min(seconds, most) * (self.speed - 1)


class Waiting(selectors.EpollSelector):
    """Where a loop waits: shorter than it is told."""

    def __init__(self, clock: Hastened) -> None:
        super().__init__()
        self._clock, self._world = clock, Clock()

    def select(self, timeout: float | None = None) -> Events:
        speed = 1 if self._clock.working else self._clock.speed
        if timeout is None or timeout <= 0 or speed == 1:
            return super().select(timeout)
        began, most = self._world.monotonic(), timeout / speed
        events = super().select(most)
        self._clock.waited(self._world.monotonic() - began, most)
        return events


class Loop(asyncio.SelectorEventLoop):
    """A loop whose timers are by that clock."""

    def __init__(self, clock: Hastened) -> None:
        self._by = clock
        super().__init__(Waiting(clock))

    def time(self) -> float:
        return self._by.monotonic()

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """While the thread is at work, time is as it is in the world."""
        future = super().run_in_executor(executor, func, *args)
        self._by.working.add(future)
        future.add_done_callback(self._by.working.discard)
        return future

    async def subprocess_exec(self, factory: Any, *args: Any, **named: Any) -> Any:  # type: ignore[override]
        """The same for a program; not for those that were there before time went faster."""

        def watched() -> Any:
            protocol = factory()
            if self._by.speed == 1:
                return protocol
            exited = protocol.process_exited

            def exits() -> None:
                self._by.working.discard(protocol)
                exited()

            protocol.process_exited = exits
            self._by.working.add(protocol)
            return protocol

        return await super().subprocess_exec(watched, *args, **named)


def run(clock: Hastened, story: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Play it in a loop of that clock."""
    with asyncio.Runner(loop_factory=lambda: Loop(clock)) as runner:
        return runner.run(story())
