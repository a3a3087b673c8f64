"""Holds: the runs under way, found by incident and by what they hold, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, KeysView
from typing import NamedTuple


class Hold(NamedTuple):
    """A run that is under way now, and the keys of what it holds."""

    incident: str
    targets: tuple[str, ...]


class Holds:
    """Every run under way; whoever keeps it says when one begins and when it is over."""

    def __init__(self, holds: Iterable[Hold] = ()) -> None:
        self._targets: dict[str, tuple[str, ...]] = {}
        self._holders: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for hold in holds:
            self.add(hold)

    def add(self, hold: Hold) -> None:
        self._targets[hold.incident] = hold.targets
        for key in hold.targets:
            self._holders[key][hold.incident] = None

    def drop(self, incident: str) -> None:
        """It is over; nothing when it never began."""
        for key in self._targets.pop(incident, ()):
            del self._holders[key][incident]
            if not self._holders[key]:
                del self._holders[key]

    @property
    def incidents(self) -> KeysView[str]:
        """Those whose runs are under way."""
        return self._targets.keys()

    def holder(self, target: str, but: str) -> str:
        """Return the incident that holds this target, another than `but`; empty when none does."""
        holders = self._holders.get(target, ())
        return next((incident for incident in holders if incident != but), "")
