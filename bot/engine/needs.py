"""What the casebook asks of the ledger at once: a small Protocol that app fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.episode import Episode
from bot.core.transcript import Entry


class Ran(Protocol):
    """A run of an incident that was closed: the facts that began and ended it, as JSON."""

    @property
    def incident(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def started(self) -> str: ...
    @property
    def closed(self) -> str: ...
    @property
    def came_back(self) -> bool: ...


class Past(Protocol):
    """
    The ledger up to the entry `upto`, for what does not lie in memory any more.

    Asked in the middle of a decision, so it answers at once. Raises StoreUnavailable when it
    cannot be read.
    """

    def head(self) -> int:
        """The number of the last entry."""

    def of(self, incident: str, upto: int) -> Iterator[Entry]:
        """One incident's transcript, in order."""

    def of_kinds(self, kinds: Sequence[str], upto: int) -> Sequence[Entry]:
        """All entries of these kinds that belong to no incident, in order."""

    def unclosed(self, upto: int) -> Sequence[str]:
        """The incidents without a closing entry, oldest first."""

    def called(self, since: datetime, upto: int) -> Sequence[str]:
        """What was opened since then, and escalated, and nobody has, nor was called in vain."""

    def newest(self, count: int, upto: int) -> Sequence[str]:
        """The incidents that were opened last, newest first."""

    def since(self, at: datetime, count: int, upto: int) -> Sequence[Episode]:
        """What was opened since then, newest first, at most so many."""

    def undoing(self, incident: str, upto: int) -> Sequence[str]:
        """The incidents that were opened to take this one's run back, oldest first."""

    def again(self, incident: str, upto: int) -> Sequence[str]:
        """The incidents that were opened to ask again for what expired in this one."""

    def latest(self, trouble: str, upto: int) -> str:
        """The incident that was opened last for this trouble; empty when none was."""

    def holding(self, alert: str, upto: int) -> str:
        """The incident that heard last of an alert, as core/sighting.py names it."""

    def told(self, alert: str, upto: int) -> Entry | None:
        """The last entry that told an incident of this alert."""

    def runs(self, upto: int) -> Iterable[Ran]:
        """Every run of an incident that was closed, in the order in which they began."""
