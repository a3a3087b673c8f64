"""Arrivals: what came to each door in this life, how much each may still send, how fast it goes."""

from __future__ import annotations

import math
from collections import Counter, deque
from enum import StrEnum

from bot.ports import Clock

MINUTE = 60.0
SPAN = 10.0
"""Seconds over which it is measured how fast messages are dealt with."""
SOON, LATE = 1, 60
"""Seconds after which a sender is told to come again, at least and at most."""
ROOM = 0.1
"""The part of a full inbox that should be dealt with before its sender comes again."""
LINES = 60
"""Refusals a minute that are written down one by one; all are counted."""


class Outcome(StrEnum):
    """What became of one message; only the first three were acknowledged."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    GREETED = "greeted"
    UNAUTHENTIC = "unauthentic"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


TAKEN = (Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.GREETED)


class Minute:
    """At most so many within any 60 seconds; times are monotonic seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._times: deque[float] = deque(maxlen=most)

    def wait(self, now: float) -> float:
        """Count one and return 0, or return the seconds until there is room for it."""
        if len(self._times) == self._most and (left := self._times[0] + MINUTE - now) > 0:
            return left
        self._times.append(now)
        return 0.0


class Arrivals:
    """Messages by source and outcome, and the alerts in those that were accepted."""

    def __init__(self, clock: Clock) -> None:
        self.messages: Counter[tuple[str, ...]] = Counter()
        self.alerts: Counter[str] = Counter()
        self._clock = clock
        self._quotas: dict[str, Minute] = {}
        self._lines = Minute(LINES)
        self._settled: deque[tuple[float, int]] = deque()

    def note(self, source: str, outcome: Outcome, alerts: int = 0) -> None:
        """Count one message; `source` is a door that exists, never what a stranger typed."""
        self.messages[source, outcome] += 1
        self.alerts[source] += alerts

    def wait(self, source: str, quota: int) -> int:
        """Take one message off a source's quota; the seconds to wait when there is none left."""
        if not quota:
            return 0
        if (minute := self._quotas.get(source)) is None:
            minute = self._quotas[source] = Minute(quota)
        return math.ceil(minute.wait(self._clock.monotonic()))

    def loud(self) -> bool:
        """Whether one more refusal is written down: a flood of them must not fill the log."""
        return self._lines.wait(self._clock.monotonic()) == 0

    def settled(self, count: int) -> None:
        """So many messages were dealt with."""
        now = self._clock.monotonic()
        self._settled.append((now, count))
        while self._settled[0][0] < now - SPAN:
            self._settled.popleft()

    def until_room(self, pending: int) -> int:
        """Seconds until a part of what is pending is dealt with, as fast as it went of late."""
        since = self._clock.monotonic() - SPAN
        lately = sum(count for at, count in self._settled if at >= since)
        if not lately:
            return LATE  # nothing goes on, and nobody knows for how long
        return max(SOON, min(LATE, math.ceil(pending * ROOM * SPAN / lately)))
