"""How fast we may speak: Slack's limits as numbers, counted before Slack has to say no; pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bot.core.values import Frozen

LIMITED = Counter[str]()
"""How often Slack said no to a method for our haste, since this process began."""


class Pace(Frozen):
    """The limits; a test or a demo may speak faster than Slack would let it."""

    posts_per_second: float = 1.0
    """In one channel, after the burst."""
    post_burst: int = 3
    """Posts that one channel takes at once."""
    kept_for_approvals: int = 2
    """Of these, how many only questions may use: they never wait for what only tells."""
    edits_per_minute: float = 45.0
    """Over the whole workspace, the burst counted in: never more in any minute."""
    edit_burst: int = 5
    between_edits: float = 1.0
    """Seconds between two edits of one message."""
    members_per_minute: float = 20.0
    """Questions who is in a group, the burst counted in: never more in any minute."""
    members_burst: int = 5
    first_pause: float = 0.5
    """Seconds after a failure that may pass; doubled with each try."""
    longest_pause: float = 15.0
    """Seconds at most after such failures: when Slack is back, nobody waits long for a card."""
    refused_pause: float = 600.0
    """Seconds after a no: somebody may have to invite the bot, or mend its scopes."""


@dataclass
class Bucket:
    """Tokens that come back with time; `rate` is per second."""

    rate: float
    most: float
    left: float
    at: float

    def wait(self, now: float, spare: float = 0) -> float:
        """Seconds until a token is there beside those to spare, 0 when one is."""
        self.left = min(self.most, self.left + (now - self.at) * self.rate)
        self.at = now
        return max(0.0, (min(1 + spare, self.most) - self.left) / self.rate)

    def take(self, now: float) -> None:
        """Use one up, even one that is not there yet: the next has to wait for it."""
        self.wait(now)
        self.left -= 1


class Pacer:
    """Says how long a call must wait; `now` is in monotonic seconds."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._channels: dict[str, Bucket] = {}
        per_second = max(pace.edits_per_minute - pace.edit_burst, 1) / 60
        self._edits = Bucket(per_second, pace.edit_burst, pace.edit_burst, 0.0)
        self._edited: dict[str, float] = {}
        self._held: dict[str, float] = {}

    def before_post(self, method: str, channel: str, now: float, *, asks: bool = True) -> float:
        """Seconds until something new may be posted in this channel."""
        spare = 0 if asks else self._pace.kept_for_approvals
        return max(self._told(method, now), self._posts(channel, now).wait(now, spare))

    def before_edit(self, method: str, slot: str, now: float) -> float:
        """Seconds until this message may be edited."""
        rest = self._edited.get(slot, float("-inf")) + self._pace.between_edits - now
        return max(self._told(method, now), self._edits.wait(now), rest)

    def posted(self, channel: str, slot: str, now: float) -> None:
        """Count a post; its first edit keeps the same distance as later ones."""
        self._posts(channel, now).take(now)
        self._edited[slot] = now

    def edited(self, slot: str, now: float) -> None:
        """Count an edit."""
        self._edits.take(now)
        self._edited[slot] = now
        if len(self._edited) > 10_000:
            oldest = now - self._pace.between_edits
            self._edited = {slot: at for slot, at in self._edited.items() if at > oldest}

    def hold(self, method: str, until: float) -> None:
        """Slack said how long it wants to hear nothing of this method."""
        LIMITED[method] += 1
        self._held[method] = max(until, self._held.get(method, until))

    def _told(self, method: str, now: float) -> float:
        return self._held.get(method, now) - now

    def _posts(self, channel: str, now: float) -> Bucket:
        if channel not in self._channels:
            rate, burst = self._pace.posts_per_second, self._pace.post_burst
            self._channels[channel] = Bucket(rate, burst, burst, now)
        return self._channels[channel]
