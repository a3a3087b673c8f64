"""
Updates: what a system outside is told of an incident, one after the other, derived from its facts.

An update belongs to one fact of the story, whose place in it never changes: so its mark is the
same whenever it is made, and a system that has seen the mark has seen the update.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core import facts, redaction, visible
from bot.core.exhibit import Exhibit
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.telling import told

WELL = frozenset({State.RESOLVED, State.REVERTED})
"""Ends of which success was verified, and that stand."""


class Kind(StrEnum):
    """What an update is about."""

    OPENED = "opened"
    DIAGNOSED = "diagnosed"
    PLANNED = "planned"
    ASKED = "asked"
    VOTED = "voted"
    DECIDED = "decided"
    STARTED = "started"
    STEP = "step"
    EVIDENCE = "evidence"
    HEALED = "healed"
    NOT_HEALED = "not healed"
    GOING_BACK = "going back"
    ROLLED_BACK = "rolled back"
    NOTE = "note"
    ESCALATED = "escalated"
    PROBLEM = "problem"
    ENDED = "ended"
    CAME_BACK = "came back"


@dataclass(frozen=True, slots=True)
class Update:
    """
    One thing to tell; `text` is plain lines without secrets, to be escaped by who writes them.

    `incident` is as it stands now, which may be later than `at`.
    """

    incident: Incident
    number: int
    at: datetime
    kind: Kind
    title: str
    text: str
    link: str = ""
    """The page of the incident; empty when there is none that others can open."""
    exhibit: Exhibit | None = None
    """What goes with it to be looked at: a graph, a log; the transcript, when people are called."""
    resolves: bool = False
    """Success was verified, nothing goes back by itself, and nothing said otherwise since."""

    @property
    def mark(self) -> str:
        """What it is known by, wherever it is written."""
        return f"{self.incident.id}.{self.number}"

    @property
    def fact(self) -> facts.AnyFact:
        """What it tells of."""
        return self.incident.story[self.number].fact

    @property
    def reopens(self) -> bool:
        """It was called healed, and was not."""
        return self.kind is Kind.CAME_BACK


def of(incident: Incident, link: str = "", *, after: int = -1) -> Iterator[Update]:
    """Everything to be told of it, in order, behind the fact with this number."""
    well = resolved_by(incident)
    for number, one in enumerate(incident.story):
        if number > after and (kind := _kind(one.fact)) is not None:
            title, lines = told.told(incident, one)
            yield Update(
                incident=incident,
                number=number,
                at=one.at,
                kind=kind,
                title=redaction.text(visible.line(title)),
                text=redaction.text("\n".join(map(visible.line, lines))),
                link=link,
                resolves=number == well,
            )


def resolved_by(incident: Incident) -> int | None:
    """Which fact made it well, as far as is known today; None when it is not, or not yet."""
    well, plan = None, incident.plan
    timed = plan is not None and plan.can_go_back and bool(
        plan.way_back.after is not None or plan.way_back.on_recovery
    )  # fmt: skip
    healed = False
    for number, one in enumerate(incident.story):
        match one.fact:
            case facts.Verified(back=False, passed=passed):
                healed = passed
                well = number if passed and not timed else None
            case facts.Kept():
                well = number if healed and well is None else well
            case facts.Closed():
                if not (healed and incident.state in WELL):
                    well = None
                elif well is None:
                    well = number
            case facts.Reverting() | facts.Escalated() | facts.CameBack():
                well = None
    return well


def _kind(fact: facts.AnyFact) -> Kind | None:
    match fact:
        case facts.Planned(plan=None) | facts.Stepped(ending=facts.StepEnding.SKIPPED):
            return None
        case facts.Verified(back=False, passed=passed):
            return Kind.HEALED if passed else Kind.NOT_HEALED
        case facts.Verified():
            return Kind.NOTE
        case facts.StepVerified(passed=True):
            return Kind.STEP
    return _KINDS.get(type(fact))


_KINDS: dict[type[facts.Fact], Kind] = {
    facts.Opened: Kind.OPENED, facts.Diagnosed: Kind.DIAGNOSED, facts.Planned: Kind.PLANNED,
    facts.Shown: Kind.NOTE, facts.Asked: Kind.ASKED, facts.Allowed: Kind.DECIDED,
    facts.Voted: Kind.VOTED, facts.Decided: Kind.DECIDED, facts.Edited: Kind.NOTE,
    facts.Queued: Kind.NOTE, facts.Waits: Kind.NOTE, facts.Started: Kind.STARTED,
    facts.Exhibited: Kind.EVIDENCE,
    facts.Stepped: Kind.STEP, facts.StepVerified: Kind.NOT_HEALED, facts.Reverting: Kind.GOING_BACK,
    facts.Cancelling: Kind.NOTE, facts.RolledBack: Kind.ROLLED_BACK, facts.Kept: Kind.NOTE,
    facts.TakenBack: Kind.NOTE, facts.Reviewed: Kind.NOTE, facts.Halted: Kind.NOTE,
    facts.PassedOn: Kind.NOTE, facts.Escalated: Kind.ESCALATED, facts.Raised: Kind.ESCALATED,
    facts.Gathered: Kind.ESCALATED,
    facts.Taken: Kind.NOTE, facts.Unheard: Kind.NOTE, facts.Proposed: Kind.PROBLEM,
    facts.Closed: Kind.ENDED, facts.CameBack: Kind.CAME_BACK,
}  # fmt: skip
"""Facts that are told; votes of nobody who may, letters and claims are the ledger's own."""

Link = Callable[[str], str]
"""From an incident's name to the page of it; empty when there is no such page."""
