"""
Paging: what all pagers have in common when they are kept in step with incidents.

A page is opened once, under a key that never changes, so a pager that hears it again knows it.
Every other update is a note that carries its mark, and a try that may not be the first looks for
it. What was healed is resolved there by the proof, and by nothing before it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

from bot.clients.paging import of_place
from bot.core import calling, facts
from bot.core.errors import ActionError
from bot.core.incident import Incident
from bot.core.ticket import CALLS, PAGED
from bot.core.updates import Kind, Update

LONGEST = 20_000
"""Signs of a note; the transcript, where it goes along, is cut there."""
_MARK = re.compile(r"heal:([\w-]+(?:\.[\w-]+)*)")


class Paging(ABC):
    """A pager, kept in step; how each thing is said there is each one's own."""

    def __init__(self, *, early: bool, places: Mapping[str, str]) -> None:
        self._early = early
        self._places = places

    @property
    @abstractmethod
    def wanted(self) -> bool: ...

    def route(self, incident: Incident) -> str:
        """Where a page of it rings: what rings elsewhere wakes other people."""
        return self.refers(incident) or f"{incident.service}/{incident.environment}"

    def concerns(self, incident: Incident) -> str | None:
        """Find the record that its alerts came from; of others, those that are worth a page."""
        if reference := self.refers(incident):
            return reference
        due = self._key(incident) and not incident.quiet and self._due(incident)
        return "" if due else None

    def _due(self, incident: Incident) -> bool:
        alert = incident.opened.alert
        return paged(incident) or (self._early and alert is not None)

    def _key(self, incident: Incident) -> str:
        """What its settings name for the place of an incident; without it, none is opened."""
        return of_place(self._places, incident.service, incident.environment)

    async def tell(self, update: Update, reference: str, *, uncertain: bool) -> str:
        """Write what is missing of this update, and return where."""
        known = reference or await self.open(update)
        told = uncertain and update.mark in await self._marks(known)
        if reference and not told:
            await self.note(known, update)
        if reference and pages(update):
            await self.escalate(known, update, again=uncertain)
        if update.kind is Kind.STARTED:
            await self.begun(known, update)
        if update.resolves:
            await self.resolve(known, update)
        if update.reopens:
            await self.reopen(known, update)
        return known

    async def _marks(self, reference: str) -> frozenset[str]:
        return frozenset(one for text in await self.written(reference) for one in marks(text))

    async def holder(self, incident: Incident, system: str) -> str:
        """Who has it there by now; empty for nobody. Raises ActionError when that is unknown."""
        ticket = incident.tickets.get(system)
        return await self.taken(ticket.reference) if ticket and ticket.reference else ""

    @abstractmethod
    def refers(self, incident: Incident) -> str:
        """The record that an incident came from; empty when it came from elsewhere."""

    @abstractmethod
    async def open(self, update: Update) -> str:
        """Page people, with this update in it, and return the reference; twice is as once."""

    @abstractmethod
    async def written(self, reference: str) -> Iterable[str]:
        """What we wrote there so far."""

    @abstractmethod
    async def note(self, reference: str, update: Update) -> None: ...

    @abstractmethod
    async def escalate(self, reference: str, update: Update, *, again: bool) -> None:
        """Wake those whom it is for there; `again` when an earlier try may have done it."""

    async def begun(self, reference: str, update: Update) -> None:  # noqa: B027 - a choice, not a gap
        """A run began: nobody is silenced for that unless a setting says so."""

    @abstractmethod
    async def resolve(self, reference: str, update: Update) -> None:
        """Say that it is healed and verified; twice is as once."""

    @abstractmethod
    async def reopen(self, reference: str, update: Update) -> None:
        """It came back after that; twice is as once."""

    @abstractmethod
    async def taken(self, reference: str) -> str:
        """Who has it there; empty for nobody."""

    async def why_not(self) -> str:
        """For the doctor: what would keep it from writing, with the remedy."""
        try:
            return await self.lacks()
        except ActionError as error:
            return str(error)

    @abstractmethod
    async def lacks(self) -> str:
        """What is not as it has to be there; empty when all is. Raises ActionError."""


def paged(incident: Incident) -> bool:
    """Whether somebody was called who is worth a page."""
    call = incident.escalated
    if call is None:
        return False
    return call.page or any(one.page for one in incident.raised) or bool(others(incident))


def others(incident: Incident) -> tuple[str, ...]:
    """The incidents that are paged with this one, a line each, where one page tells of them."""
    told = calling.gathered(incident)
    more = len(told.incidents) - len(told.lines) if told else 0
    return (*told.lines, *((f"and {more} more",) if more else ())) if told else ()


def pages(update: Update) -> bool:
    """Whether this update wakes somebody."""
    match update.fact:
        case facts.Escalated(page=page) | facts.Raised(page=page):
            return page
    return isinstance(update.fact, facts.Gathered)


def level(update: Update) -> int:
    """Which level is called by an update that pages."""
    return update.fact.level if isinstance(update.fact, facts.Raised | facts.Gathered) else 1


def marks(text: str) -> list[str]:
    r"""
    Read what a note is known by, from its last line.

    >>> marks("said heal:inc-1.2\nheal:inc-1.0")
    ['inc-1.0']
    """
    lines = text.rstrip().splitlines()
    return _MARK.findall(lines[-1]) if lines else []


def text(update: Update, longest: int = LONGEST) -> str:
    """Write an update as a note: what happened, the way to more of it, and its mark at the end."""
    said = f"{update.title}\n{update.text}"
    if update.exhibit is not None and update.kind is Kind.ESCALATED:
        said += "\n\n" + update.exhibit.octets.decode("utf-8", "replace")
    if len(said) > longest:
        said = f"{said[:longest]}…\n(the rest is in the transcript)"
    more = f"\n{update.link}" if update.link else ""
    return f"{said}{more}\n\nheal:{update.mark}"


def summary(update: Update) -> str:
    """One line that says what is the matter, for phones."""
    opened = update.incident.opened
    where = f"{opened.service} in {opened.environment}" if opened.service else "unknown service"
    if told := calling.gathered(update.incident):
        many = len(told.incidents)
        return f"{CALLS[0]} {many} incidents, the worst: {opened.title} ({where})"[:250]
    needed = CALLS[0] if update.incident.escalated else CALLS[1]
    return f"{needed} {where}: {opened.title}"[:250]


def key(incident: Incident) -> str:
    """What its page is known by, in every life and at every try."""
    return f"{PAGED}{incident.id}"
