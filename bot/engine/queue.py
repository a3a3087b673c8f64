"""Queue: the incidents that wait their turn to run, by when they took their places."""

from __future__ import annotations

from datetime import datetime

from bot.core.incident import Incident
from bot.core.lifecycle import State

IN_LINE = frozenset({State.QUEUED, State.APPROVED})
"""One whose turn came keeps its place until its run begins."""


class Queue:
    """Kept by the casebook as it folds, so that a restart changes no place."""

    def __init__(self) -> None:
        self._places: dict[str, datetime] = {}

    @property
    def line(self) -> tuple[str, ...]:
        """Who waits: the first is next."""
        return tuple(sorted(self._places, key=lambda name: (self._places[name], name)))

    def join(self, incident: str, at: datetime) -> None:
        """Take a place, before the ledger has it; who has one keeps it."""
        self._places.setdefault(incident, at)

    def leave(self, incident: str) -> None:
        """Its run begins, or will not; nothing when it waits for none."""
        self._places.pop(incident, None)

    def settle(self, incident: str, one: Incident | None) -> None:
        """The workflow is over, or broke off: only the place that is recorded is kept."""
        self.leave(incident)
        if one is not None:
            self.note(one)

    def note(self, one: Incident) -> None:
        """Take an incident as the ledger has it now."""
        if one.over or one.ran:
            self.leave(one.id)
        elif one.queued is not None and one.state in IN_LINE:
            self.join(one.id, one.queued.at)
