"""Troubles: which services have an incident whose alert fires, counted as they come and go."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.policy.troubled import Troubled
from bot.engine.needs import Past

LINGERS = timedelta(hours=1)
"""So long an incident counts that ended without help while its alert fires: it is not over."""
MOST = 10_000
"""Incidents that are looked back at."""
HELPED = frozenset({State.RESOLVED, State.REVERTED})

Place = tuple[str, str]
"""A service by its name, and its environment."""


class Troubles:
    """
    Kept by the casebook as it folds; asking costs the same however much is broken.

    Only services that are in the catalogue count, so no made-up name can call a storm.
    """

    def __init__(self, past: Past, folded: Callable[[str], Incident | None]) -> None:
        """Say where to look back, for what has ended by the time when this life begins."""
        self._past = past
        self._folded = folded
        self._looked_back = False
        self._places: dict[str, Place] = {}
        self._at: defaultdict[Place, set[str]] = defaultdict(set)
        self._quiet: set[str] = set()
        self._lingering: list[tuple[datetime, str]] = []
        self._library: Library | None = None
        self._listed = 0

    def note(self, one: Incident) -> None:
        """Take an incident as it stands now."""
        counts = one.opened.alert is not None and one.state not in HELPED and one.fires
        place, quiet = (one.service, one.environment), one.quiet is not None
        if counts and one.closed_at is not None:
            heapq.heappush(self._lingering, (one.closed_at + LINGERS, one.id))
        if counts and self._places.get(one.id) == place and quiet == (one.id in self._quiet):
            return
        self._drop(one.id)
        if not counts:
            return
        self._listed -= self._counts(place)
        self._places[one.id] = place
        self._at[place].add(one.id)
        if quiet:
            self._quiet.add(one.id)
        self._listed += self._counts(place)

    def read(self, library: Library, now: datetime) -> Troubled:
        """How it stands before this catalogue."""
        self._catch_up(now)
        if library is not self._library:
            self._library = library
            self._listed = sum(map(self._counts, self._at))
        return Troubled(services=self._listed, of=len(library.services))

    def at(self, service: str, environment: str, now: datetime) -> str:
        """An incident of this service whose alert fires, quiet or not; empty when there is none."""
        self._catch_up(now)
        return min(self._at.get((service, environment), ()), default="")

    def _catch_up(self, now: datetime) -> None:
        """Know what was before this life, and forget what lingered long enough."""
        if not self._looked_back:
            self._looked_back = True
            opened = self._past.since(now - LINGERS, MOST, self._past.head())
            for one in filter(None, (self._folded(each.id) for each in opened)):
                self.note(one)
        while self._lingering and self._lingering[0][0] <= now:
            self._drop(heapq.heappop(self._lingering)[1])

    def _drop(self, incident: str) -> None:
        if (place := self._places.pop(incident, None)) is None:
            return
        self._listed -= self._counts(place)
        self._at[place].discard(incident)
        self._quiet.discard(incident)
        self._listed += self._counts(place)
        if not self._at[place]:
            del self._at[place]

    def _counts(self, place: Place) -> bool:
        """Whether it is listed, and has one that people are told of: what is quiet is no storm."""
        listed = self._library is not None and self._library.service(*place) is not None
        return listed and not self._at.get(place, set()) <= self._quiet
