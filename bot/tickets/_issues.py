"""
Issues: what all trackers have in common when they are kept in step with incidents.

An update is written once: it carries its mark, and a try that may not be the first looks for it.
What can be read back otherwise is: whether an issue is closed, what is attached to it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field

from bot.core.errors import ActionError
from bot.core.incident import Incident
from bot.core.updates import Kind, Update
from bot.core.values import Frozen
from bot.tickets import _notes
from bot.tickets._notes import Note

SAID = ("ticket", "issue")
"""The labels and annotations of an alert that may name the issue it is about."""


class Opening(Frozen):
    """Settings of every tracker: where issues are opened for incidents that have none, and when."""

    opens_in: str = Field(
        default="", description="the one of them where issues are opened; empty = none is opened"
    )
    opens_for: Literal["escalated", "every"] = Field(
        default="escalated",
        description="which incidents without an issue get one: `escalated`, those that people are "
        "called for, or `every`; quiet ones never do",
    )


class Issues(ABC):
    """A tracker, kept in step; where and by which words is each one's own."""

    def __init__(self, config: Opening, *, problems: bool) -> None:
        self._opens_in = config.opens_in
        self._early = config.opens_for == "every"
        self._problems = problems and bool(config.opens_in)

    @property
    def wanted(self) -> bool:
        """Its settings cannot be given without being wanted."""
        return True

    def concerns(self, incident: Incident) -> str | None:
        """Find the issue that its alerts name, if Heal may write to it; else one may be opened."""
        for said in _said(incident):
            if reference := self.refers(said):
                return reference
        opens = self._opens_in and (self._early or incident.escalated is not None)
        return "" if opens and not incident.quiet else None

    async def tell(self, update: Update, reference: str, *, uncertain: bool) -> str:
        """Write what is missing of this update, and return where."""
        name = update.incident.id
        known = reference or (await self.find(update.incident, name) if uncertain else "")
        note = _notes.note(update) if known else _notes.note(update, name)
        if not known:
            known = await self.open(update.incident.opened.title, note)
        elif not (uncertain and update.mark in await self._marks(known)):
            await self.comment(known, note)
        await self.attach(known, note)
        if update.resolves and not await self.closed(known):
            await self.close(known)
        if update.reopens and await self.closed(known):
            await self.reopen(known)
        if update.kind is Kind.PROBLEM and self._problems:
            await self._propose(known, update, uncertain=uncertain)
        return known

    async def _propose(self, reference: str, update: Update, *, uncertain: bool) -> None:
        """Have a problem record, linked to the issue of the incident."""
        mark = f"{update.mark}.problem"
        problem = await self.find(update.incident, mark) if uncertain else ""
        if not problem:
            note = _notes.note(update)._replace(marks=(mark,), about=reference)
            problem = await self.open(update.incident.opened.title, note, problem=True)
        await self.relate(problem, reference)

    async def _marks(self, reference: str) -> frozenset[str]:
        return frozenset().union(*map(_notes.marks, await self.written(reference)))

    @abstractmethod
    def refers(self, said: str) -> str:
        """The issue that a text of an alert names; empty when it names none that we may write."""

    @abstractmethod
    async def find(self, incident: Incident, mark: str) -> str:
        """The issue that an earlier try opened under this mark; empty when there is none."""

    @abstractmethod
    async def open(self, title: str, note: Note, *, problem: bool = False) -> str:
        """Open an issue, and return its reference."""

    @abstractmethod
    async def written(self, reference: str) -> Iterable[str]:
        """What we wrote there so far, each text with its last line."""

    @abstractmethod
    async def comment(self, reference: str, note: Note) -> None: ...

    async def attach(self, reference: str, note: Note) -> None:  # noqa: B027 - a choice, not a gap
        """Attach those of the note's files that are not attached yet, where that can be done."""

    @abstractmethod
    async def closed(self, reference: str) -> bool: ...

    @abstractmethod
    async def close(self, reference: str) -> None: ...

    @abstractmethod
    async def reopen(self, reference: str) -> None: ...

    @abstractmethod
    async def relate(self, problem: str, reference: str) -> None:
        """Link a problem record to an issue; twice is as once."""

    async def why_not(self) -> str:
        """For the doctor: what would keep it from writing, with the remedy."""
        try:
            return await self.lacks()
        except ActionError as error:
            return str(error)

    @abstractmethod
    async def lacks(self) -> str:
        """What is not as it has to be there; empty when all is. Raises ActionError."""


def _said(incident: Incident) -> Iterator[str]:
    """What its alerts say of their issue, the oldest first."""
    for alert in incident.alerts.values():
        yield from (alert.labels[name] for name in SAID if name in alert.labels)
        yield from (alert.annotations[name] for name in SAID if name in alert.annotations)
        if alert.link:
            yield alert.link
