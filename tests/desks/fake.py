"""A correspondent without a system: it remembers what it was told, and fails when it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.core.errors import PermanentError, TemporaryError, UncertainError
from bot.core.exhibit import Exhibit
from bot.core.incident import Incident
from bot.core.updates import Update
from tests.desks.faults import Fault, Stand

REFERENCE = "FAKE-1"
ERRORS = {
    Fault.AWAY: TemporaryError("the desk is away"),
    Fault.TOO_FAST: TemporaryError("the desk was asked too often", 7.0),
    Fault.BROKEN: UncertainError("the desk broke"),
    Fault.LOST: UncertainError("the answer was lost"),
    Fault.LATE: UncertainError("the answer came late"),
}
TAKEN = frozenset({Fault.LOST, Fault.LATE})


class FakeDesk:
    """Both the correspondent and its system; it outlives every life of a house."""

    wanted = True

    def __init__(self, *, opens: bool = False) -> None:
        self.opens = opens
        """Whether it opens a record of its own for what has none."""
        self.kept: dict[str, list[str]] = {REFERENCE: []}
        self.well: set[str] = set()
        self.asked: list[tuple[str, bool]] = []
        """The mark of every try, and whether it was uncertain."""
        self.shown: dict[str, Exhibit] = {}
        """What went with an update, by its mark."""
        self.faults: list[Fault] = []
        self.refuses = ""
        """The end of a mark that is refused for what it is."""
        self.refusal = "the desk refuses that text"
        self.locked = False

    def concerns(self, incident: Incident) -> str | None:
        if incident.service != "shop":
            return None
        return "" if self.opens else REFERENCE

    async def tell(self, update: Update, reference: str, *, uncertain: bool) -> str:
        self.asked.append((update.mark, uncertain))
        if self.locked:
            raise TemporaryError("the desk does not take the password")
        if self.refuses and update.mark.endswith(self.refuses):
            raise PermanentError(self.refusal)
        if uncertain and (known := self._known(update.mark)):
            return known
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or fault in TAKEN:
            if update.exhibit is not None:
                self.shown[update.mark] = update.exhibit
            reference = reference or f"FAKE-{len(self.kept) + 1}"
            self.kept.setdefault(reference, []).append(
                f"{update.title}\n{update.text}\n{update.mark}"
            )
            self.well = (self.well - {reference}) if update.reopens else self.well
            self.well |= {reference} if update.resolves else set()
        if fault is not None:
            raise ERRORS[fault]
        return reference

    async def why_not(self) -> str:
        return "the desk does not take the password" if self.locked else ""

    def notes(self, reference: str) -> list[str]:
        return list(self.kept.get(reference, ()))

    def records(self) -> list[str]:
        return list(self.kept)

    def resolved(self, reference: str) -> bool:
        return reference in self.well

    def fail(self, *faults: Fault) -> None:
        self.faults += faults

    def lock(self) -> None:
        self.locked = True

    @property
    def marks(self) -> list[str]:
        """The marks of all that it holds, in the order in which they were written."""
        return [note.rpartition("\n")[2] for notes in self.kept.values() for note in notes]

    def _known(self, mark: str) -> str:
        found = (key for key, notes in self.kept.items() if any(mark in one for one in notes))
        return next(found, "")


@asynccontextmanager
async def opened() -> AsyncIterator[Stand]:
    """The fake as one of the systems that the contract is tried with."""
    desk = FakeDesk()
    opener = FakeDesk(opens=True)
    opener.kept, opener.faults = desk.kept, desk.faults
    yield Stand(desk, desk, REFERENCE, opener)
