"""Sightings: which incident was the last of a trouble, and the last that heard of an alert."""

from __future__ import annotations

from bot.core.lately import Lately
from bot.engine.needs import Past

NAMES = 10_000
"""Alerts and troubles of which it is remembered whose they were last; others are asked for."""


class Sightings:
    """The casebook's memory of names; what it forgot the past knows."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._latest: Lately[str, str] = Lately(NAMES)
        self._holding: Lately[str, str] = Lately(NAMES)

    def opened(self, trouble: str, incident: str) -> None:
        """Take an incident that was opened for this trouble."""
        self._latest.put(trouble, incident)

    def heard(self, identity: str, incident: str) -> None:
        """Take an incident that heard of an alert, as core/sighting.py names it."""
        self._holding.put(identity, incident)

    def latest(self, trouble: str, upto: int) -> str:
        """Return the incident that was opened last for this trouble; empty when none was."""
        if (name := self._latest.get(trouble)) is None:
            name = self._past.latest(trouble, upto)
            self._latest.put(trouble, name)
        return name

    def holding(self, identity: str, upto: int) -> str:
        """Return the incident that heard last of this alert; empty when none did."""
        if (name := self._holding.get(identity)) is None:
            name = self._past.holding(identity, upto)
            self._holding.put(identity, name)
        return name
