"""How fast a bot may speak: the limits that answer HTTP 429 with `Retry-After`."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from bot.clock import Clock


class TooFast(Exception):  # noqa: N818 - an answer of Slack, not a fault of this code
    """The call is not done; `retry_after` is in whole seconds, as in the header."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


@dataclass
class Bucket:
    """What one channel still takes: `tokens` posts at time `at`."""

    tokens: float
    at: float


class Pacing:
    """Posts: so many a second and channel, with a burst. Edits: so many a minute, in all."""

    def __init__(
        self, clock: Clock, *, posts_per_second: float, burst: int, updates_per_minute: int
    ) -> None:
        self._clock = clock
        self._rate, self._burst = posts_per_second, burst
        self._updates_per_minute = updates_per_minute
        self._buckets: dict[str, Bucket] = {}
        self._updates: deque[float] = deque()

    def post(self, channel: str) -> None:
        """Counts a post to this channel; TooFast when it came too soon."""
        now = self._clock.monotonic()
        bucket = self._buckets.setdefault(channel, Bucket(self._burst, now))
        gained = (now - bucket.at) * self._rate
        bucket.tokens, bucket.at = min(float(self._burst), bucket.tokens + gained), now
        if bucket.tokens < 1:
            raise TooFast(math.ceil((1 - bucket.tokens) / self._rate))
        bucket.tokens -= 1

    def update(self) -> None:
        """Counts an edit; TooFast when the last minute was full of them."""
        now = self._clock.monotonic()
        while self._updates and now - self._updates[0] >= 60:
            self._updates.popleft()
        if len(self._updates) >= self._updates_per_minute:
            raise TooFast(max(1, math.ceil(60 - (now - self._updates[0]))))
        self._updates.append(now)
