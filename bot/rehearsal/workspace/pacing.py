"""How fast a bot may speak: the limits that answer HTTP 429 with `Retry-After`."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass

from bot.clock import Clock

TIERS = {
    2: (
        "chat.startStream", "chat.stopStream", "conversations.list", "reactions.remove",
        "usergroups.list", "usergroups.users.list", "users.list",
    ),
    3: (
        "bots.info", "chat.delete", "conversations.history", "conversations.info",
        "conversations.join", "conversations.open", "conversations.replies", "reactions.add",
        "reactions.get", "team.info", "users.lookupByEmail",
    ),
    4: (
        "chat.appendStream", "chat.postEphemeral", "conversations.members",
        "files.completeUploadExternal", "files.getUploadURLExternal", "files.info", "users.info",
        "views.open", "views.publish", "views.push", "views.update",
    ),
}  # fmt: skip
"""Which methods Slack counts by the minute, beside posts and edits; each has its own count."""
A_MINUTE = {2: 20, 3: 50, 4: 100}


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
    """Posts: so many a second and channel, with a burst. Edits and the rest: so many a minute."""

    def __init__(
        self,
        clock: Clock,
        *,
        posts_per_second: float,
        burst: int,
        updates_per_minute: int,
        tiers: bool,
    ) -> None:
        self._clock = clock
        self._rate, self._burst = posts_per_second, burst
        self._buckets: dict[str, Bucket] = {}
        self._made: defaultdict[str, deque[float]] = defaultdict(deque)
        counted = TIERS.items() if tiers else ()
        self._a_minute = {name: A_MINUTE[tier] for tier, names in counted for name in names}
        self._a_minute["chat.update"] = updates_per_minute

    def post(self, channel: str) -> None:
        """Counts a post to this channel; TooFast when it came too soon."""
        now = self._clock.monotonic()
        bucket = self._buckets.setdefault(channel, Bucket(self._burst, now))
        gained = (now - bucket.at) * self._rate
        bucket.tokens, bucket.at = min(float(self._burst), bucket.tokens + gained), now
        if bucket.tokens < 1:
            raise TooFast(math.ceil((1 - bucket.tokens) / self._rate))
        bucket.tokens -= 1

    def call(self, method: str) -> None:
        """Counts a call; TooFast when the last minute was full of this method's."""
        most = self._a_minute.get(method)
        if most is None:
            return
        now, made = self._clock.monotonic(), self._made[method]
        while made and now - made[0] >= 60:
            made.popleft()
        if len(made) >= most:
            raise TooFast(max(1, math.ceil(60 - (now - made[0]))))
        made.append(now)
