"""How far each run is just now: in memory only, for people to look at; nothing is decided by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot import ports
from bot.core import headway, redaction
from bot.core.headway import Count, Headway
from bot.ports.headway import heard

LONGEST = 300
"""Characters of what is said."""


@dataclass(frozen=True, slots=True)
class _Since:
    """Where a count began, which its speed is measured from."""

    at: datetime
    count: Count


class Underway:
    """What was said last by each incident that something is done for."""

    def __init__(self) -> None:
        self._said: dict[str, Headway] = {}
        self._since: dict[str, _Since] = {}

    def get(self, incident: str) -> Headway | None:
        return self._said.get(incident)

    @contextmanager
    def followed(self, incident: str, clock: ports.Clock) -> Iterator[None]:
        """Show what is said, by what is called within, of this incident's run."""
        try:
            with heard(lambda says: self.tell(incident, says, clock.now())):
                yield
        finally:
            self._said.pop(incident, None)
            self._since.pop(incident, None)

    def tell(self, incident: str, says: str, now: datetime) -> None:
        """How far it is; the speed is measured anew where another thing is counted."""
        says = redaction.text(says)[:LONGEST]
        self._said[incident] = Headway(says=says, at=now, left=self._left(incident, says, now))

    def _left(self, incident: str, says: str, now: datetime) -> float | None:
        count = headway.counted(says)
        if count is None:
            return None
        since = self._since.get(incident)
        if since is None or since.count.of != count.of or count.done < since.count.done:
            self._since[incident] = _Since(now, count)
            return None
        return headway.left(since.count, count, (now - since.at).total_seconds())
