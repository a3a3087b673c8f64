"""Untold: what systems outside were not told of incidents and is given up, for who looks around."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from bot.core.incident import Incident


class Untold:
    """
    By incident and system, of all that is open or was looked through at the start.

    `heal tickets` reads older ones off the ledger.
    """

    def __init__(self) -> None:
        self._missed: dict[str, Mapping[str, int]] = {}

    def note(self, incident: Incident) -> None:
        """Take in how an incident stands."""
        missed = {name: len(one.missed) for name, one in incident.tickets.items() if one.missed}
        if missed:
            self._missed[incident.id] = missed
        else:
            self._missed.pop(incident.id, None)

    @property
    def incidents(self) -> tuple[str, ...]:
        """Those of which something was not told, by name."""
        return tuple(self._missed)

    def by_system(self) -> Counter[str]:
        """How many updates each system was not told."""
        total = Counter[str]()
        for missed in self._missed.values():
            total.update(missed)
        return total
