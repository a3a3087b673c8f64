"""
Sleeping: lives that wait for people, and for nothing else, hold no coroutine.

Such a life is let go of. When its letter or its deadline comes it begins anew, as after a restart:
the ledger has all that it knew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bot.core.transcript import Entry
from bot.durable.others import Deadline
from bot.durable.waiting import SLICE, Bell
from bot.ports import Clock
from bot.tasks import Tasks


class Sleep(NamedTuple):
    """Which entry ends it, and until when."""

    letter: str
    deadline: Deadline | None

    @property
    def deadlines(self) -> dict[str, Deadline]:
        return {self.letter: self.deadline} if self.deadline else {}


class FellAsleep(BaseException):
    """Ends a workflow that has nothing to do for now: no failure, and not to be taken for one."""

    def __init__(self, sleep: Sleep) -> None:
        super().__init__()
        self.sleep = sleep


async def dozed(bell: Bell, deadline: Deadline | None, seconds: float, clock: Clock) -> bool:
    """Wait so long, and tell whether nothing came: neither what rings the bell nor the deadline."""
    ends = clock.monotonic() + seconds
    while not bell.rung and (deadline is None or deadline.left > 0):
        if (left := ends - clock.monotonic()) <= 0:
            return True
        left = min(left, SLICE, deadline.left if deadline else SLICE)
        await bell.wait_at_most(left, clock)
    return False


class Dormitory:
    """Knows who sleeps, and calls `wake` once for each when it is time."""

    def __init__(self, clock: Clock, tasks: Tasks, wake: Callable[[str, Sleep], None]) -> None:
        self._clock = clock
        self._tasks = tasks
        self._wake = wake
        self._asleep: dict[str, Sleep] = {}
        self._look_at = 0.0
        self._sooner: Bell | None = None

    def __len__(self) -> int:
        return len(self._asleep)

    def __contains__(self, incident: str) -> bool:
        return incident in self._asleep

    def lay(self, incident: str, sleep: Sleep) -> None:
        """Let it sleep until its letter is heard, or its deadline has passed."""
        self._asleep[incident] = sleep
        if sleep.deadline is None:
            return
        if self._sooner is None:
            self._sooner = Bell()
            self._tasks.start(self._watch(), name="deadlines of what sleeps")
        elif self._clock.monotonic() + sleep.deadline.left < self._look_at:
            self._sooner.ring()

    def heard(self, entry: Entry) -> None:
        """Wake who waits for this entry."""
        sleep = self._asleep.get(entry.incident)
        if sleep is not None and sleep.letter == entry.key:
            self._rouse(entry.incident)

    def get(self, incident: str) -> Sleep | None:
        return self._asleep.get(incident)

    def empty(self) -> None:
        """Wake nobody any more."""
        self._asleep.clear()
        if self._sooner is not None:
            self._sooner.ring()

    def _rouse(self, incident: str) -> None:
        self._wake(incident, self._asleep.pop(incident))

    async def _watch(self) -> None:
        while left := self._left():
            for incident in [name for name, seconds in left.items() if seconds <= 0]:
                self._rouse(incident)
            nearest = min([SLICE, *(seconds for seconds in left.values() if seconds > 0)])
            self._look_at = self._clock.monotonic() + nearest
            self._sooner = Bell()
            await self._sooner.wait_at_most(nearest, self._clock)
        self._sooner = None

    def _left(self) -> dict[str, float]:
        """Seconds that each may still sleep."""
        return {name: sleep.deadline.left for name, sleep in self._asleep.items() if sleep.deadline}
