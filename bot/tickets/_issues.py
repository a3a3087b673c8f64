"""
Issues: what all trackers have in common when they are kept in step with incidents.

An update is written once: it carries its mark, and a try that may not be the first looks for it.
What can be read back otherwise is: whether an issue is closed, what is attached to it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import Field, field_validator

from bot.core import spelling
from bot.core.alert import Severity
from bot.core.errors import ActionError
from bot.core.incident import Incident
from bot.core.updates import Kind, Update
from bot.core.values import Frozen
from bot.plugins import Words
from bot.tickets import _notes
from bot.tickets._notes import Note

CALLED = "escalated"
"""The word for what people were called for."""
SAID = ("ticket", "issue")
"""The labels and annotations of an alert that may name the issue it is about."""


class TrackerSettings(Frozen):
    """Settings of every tracker: for what an issue is opened, and whether it is resolved."""

    open_in: str = Field(
        default="",
        description="the project or repository, one of those listed, where issues are opened; "
        "empty = none is opened",
    )
    open_for: Words = Field(
        default=(CALLED,),
        description="for what an issue is opened when an alert names none, with commas: severities "
        "such as `critical`, or `escalated`, once people are called; never for what is quiet",
    )
    resolve: bool = Field(
        default=True,
        description="whether an issue is closed once success was verified, and opened again when "
        "the trouble came back; otherwise it is only written to",
    )

    hold: Words = Field(
        default=("on hold",),
        description="labels, and in Jira statuses too, by which people say that nothing is to be "
        "done about it, with commas; nothing is done about what is closed either",
    )

    @field_validator("open_for")
    @classmethod
    def _known(cls, given: Words) -> Words:
        if odd := [word for word in given if word not in (CALLED, *Severity)]:
            raise ValueError(spelling.unknown(odd[0], (CALLED, *Severity)))
        return given


class Standing(NamedTuple):
    """How an issue stands: whether it is closed, and the words for its state."""

    closed: bool
    words: tuple[str, ...]


class Issues(ABC):
    """A tracker, kept in step; where and by which words is each one's own."""

    def __init__(self, config: TrackerSettings, *, problems: bool) -> None:
        self._open_in = config.open_in
        self._open_for = frozenset(config.open_for)
        self._resolve = config.resolve
        self._hold = frozenset(word.casefold() for word in config.hold)
        self._problems = problems and bool(config.open_in)

    @property
    def wanted(self) -> bool:
        """Its settings cannot be given without being wanted."""
        return True

    def concerns(self, incident: Incident) -> str | None:
        """Find the issue that its alerts name, if Heal may write to it; else one may be opened."""
        for said in _said(incident):
            if reference := self.refers(said):
                return reference
        return "" if self._open_in and not incident.quiet and self._opens(incident) else None

    def _opens(self, incident: Incident) -> bool:
        """Whether one is opened for it; what was only shown to somebody needs none."""
        if incident.opened.wish is not None and incident.opened.wish.dry_run:
            return False
        called = CALLED in self._open_for and incident.escalated is not None
        return called or str(incident.severity) in self._open_for

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
        if self._resolve and update.resolves and not (await self.standing(known)).closed:
            await self.close(known)
        if self._resolve and update.reopens and (await self.standing(known)).closed:
            await self.reopen(known)
        if update.kind is Kind.PROBLEM and self._problems:
            await self._propose(known, update, uncertain=uncertain)
        return known

    async def objects(self, incident: Incident, reference: str) -> str:
        """
        Why nothing should be done: people closed the issue, or say there that it is on hold.

        What Heal called healed and came back is closed by itself, and being opened again.
        """
        if not reference:
            return ""
        closed, words = await self.standing(reference)
        if closed:
            return "" if incident.opened.relapse_of else f"{reference} is closed"
        held = next((word for word in words if word.casefold() in self._hold), "")
        return f"{reference} is {spelling.quoted(held)}" if held else ""

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
        """Attach what the note has to show, unless it is there or stands in the note."""

    @abstractmethod
    async def standing(self, reference: str) -> Standing: ...

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
