"""Pages: how many rang lately, by the place where they ring."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.core.facts import Escalated, Raised
from bot.core.incident import Incident

MINUTE = 60.0
"""Seconds in which no more pages ring at one place than policy says."""

Route = Callable[[Incident], str]
"""ports.Ringing.route."""


class Pages:
    """What policy asks before somebody is woken; without pagers there is nothing to hold back."""

    def __init__(self, routes: Sequence[Route] = ()) -> None:
        self._routes = routes
        self._rang: defaultdict[str, deque[float]] = defaultdict(deque)
        """By place, in monotonic seconds: a clock that was set holds nothing back."""

    def route(self, incident: Incident) -> str:
        """Where a page of it rings, at all pagers together."""
        return "\n".join(route(incident) for route in self._routes)

    def may(self, incident: Incident, now: float, most: int) -> bool:
        """Whether one more may ring there in this minute; if so, it counts from now on."""
        if not self._routes:
            return True
        rang = self._rang[self.route(incident)]
        while rang and rang[0] <= now - MINUTE:
            rang.popleft()
        if len(rang) >= most:
            return False
        rang.append(now)
        return True

    def recall(self, incident: Incident, at: datetime, now: float) -> None:
        """Count what rang in an earlier life, in the minute before `at`, which is `now`."""
        for one in incident.story if self._routes else ():
            ago = (at - one.at).total_seconds()
            paged = isinstance(one.fact, Escalated | Raised) and one.fact.page
            if paged and 0 <= ago < MINUTE:
                self._rang[self.route(incident)].append(now - ago)
