"""
Stalls: when one thing held up all others, and where it stood while it did.

The event loop notes when a turn of it begins and ends, and does nothing else for it; a thread
looks now and then whether a turn takes too long. So an idle loop stays idle.
"""

from __future__ import annotations

import asyncio
import logging
import selectors
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from bot import ports

LEAST = 0.25
"""Seconds of one turn of the loop from which it is a stall."""
EVERY = 0.1
"""Seconds between two looks."""
DEEPEST = 15
"""Calls that are shown, the innermost ones."""
log = logging.getLogger(__name__)

Key = tuple[selectors.SelectorKey, int]


class Seen:
    """What was seen in this process: how many stalls, and how many seconds they took."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0


SEEN = Seen()


class Turns(selectors.DefaultSelector):
    """The loop's selector; between two waits there is a turn, in which everything happens."""

    def __init__(self, clock: ports.Clock) -> None:
        super().__init__()
        self.since: float | None = None
        """When the turn began that goes on now; None while the loop waits."""
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[Key]:
        self.since = None
        try:
            return super().select(timeout)
        finally:
            self.since = self._clock.monotonic()


class Stalls:
    """Looks at the turns of one loop from outside; `look` is what its thread does."""

    def __init__(
        self,
        turns: Turns,
        loop: asyncio.AbstractEventLoop,
        clock: ports.Clock,
        seen: Seen = SEEN,
    ) -> None:
        self._turns = turns
        self._loop = loop
        self._thread = threading.get_ident()
        self._clock = clock
        self._seen = seen
        self._stalled: float | None = None
        self._last = 0.0
        self._over = threading.Event()

    def look(self) -> None:
        """Say it once when a turn takes too long, and once when it is over."""
        since, now = self._turns.since, self._clock.monotonic()
        if self._stalled is not None and since != self._stalled:
            log.warning("the event loop goes on, after %.2f s or so", self._last)
            self._seen.seconds += self._last
            self._stalled = None
        if since is None or now - since < LEAST:
            return
        self._last = now - since
        if self._stalled is None:
            self._stalled = since
            self._seen.count += 1
            self._say(self._last)

    def watch(self) -> None:
        """Look until it is `over`."""
        while not self._over.wait(EVERY):
            self.look()

    def end(self) -> None:
        self._over.set()

    def _say(self, seconds: float) -> None:
        frame = sys._current_frames().get(self._thread)  # noqa: SLF001 - there is no other way
        lines = traceback.format_stack(frame, limit=DEEPEST) if frame else []
        task = asyncio.current_task(self._loop)
        log.warning(
            "the event loop stands still for %.2f s: nothing else goes on",
            seconds,
            extra={
                "kind": "event_loop_stall",
                "task": task.get_name() if task else "",
                "stack": "".join(lines),
            },
        )


@contextmanager
def watched(clock: ports.Clock) -> Iterator[asyncio.Runner]:
    """A runner whose loop is watched while this is open."""
    turns = Turns(clock)
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(turns)) as runner:
        stalls = Stalls(turns, runner.get_loop(), clock)
        thread = threading.Thread(target=stalls.watch, name="stalls", daemon=True)
        thread.start()
        try:
            yield runner
        finally:
            stalls.end()
            thread.join()
