"""Spans: where the time of an incident went, derived from its record; no secrets in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core import facts, redaction
from bot.core.incident import Incident, Timed
from bot.core.lifecycle import State
from bot.core.telling import record

MENDED = frozenset({State.RESOLVED, State.REVERTED})
"""Ends of a run that are no failure of it."""
DONE = frozenset({facts.StepEnding.DONE, facts.StepEnding.FOUND_DONE})


class Span(NamedTuple):
    """One piece of time."""

    name: str
    begins: datetime
    ends: datetime
    failed: str = ""
    """What went wrong, in words; empty where nothing did."""
    attributes: tuple[tuple[str, str | int], ...] = ()


def of(incident: Incident) -> tuple[Span, ...]:
    """All of an incident that is over, the whole of it first; empty while it is open."""
    if incident.closed_at is None:
        return ()
    return (_whole(incident, incident.closed_at), *_agreeing(incident), *_running(incident))


def _whole(incident: Incident, ended: datetime) -> Span:
    known = {
        "heal.incident": incident.id,
        "heal.run": incident.run if incident.ran else "",
        "heal.service": incident.service,
        "heal.environment": incident.environment,
        "heal.title": incident.opened.title,
        "heal.severity": str(incident.severity),
        "heal.runbook": incident.plan.runbook if incident.plan else "",
        "heal.state": str(incident.state),
        "heal.result": record.result(incident),
    }
    told = {name: redaction.text(text) for name, text in known.items() if text}
    failed = incident.ran and incident.state not in MENDED
    return Span(
        f"incident {incident.plan.runbook}" if incident.plan else "incident",
        incident.opened_at,
        ended,
        str(incident.state) if failed else "",
        tuple(told.items()),
    )


def _agreeing(incident: Incident) -> Iterator[Span]:
    """What came before the run, one after the other; what was cut short is left out."""
    before, asked, queued = incident.opened_at, None, None
    for one in incident.story:
        match one.fact:
            case facts.Diagnosed():
                yield Span("diagnose", before, one.at)
                before = one.at
            case facts.Planned(round=number, refused=refused):
                yield Span(f"plan {number}", before, one.at, redaction.text("; ".join(refused)))
            case facts.Asked():
                asked = one
            case facts.Decided(ending=ending) if asked is not None:
                yield _approval(asked, one.at, str(ending))
            case facts.Edited() if asked is not None:
                yield _approval(asked, one.at, "edited")
                before = one.at
            case facts.Queued(advanced=False):
                queued = one.at
            case facts.TurnCame() if queued is not None:
                yield Span("queue", queued, one.at)
            case facts.Rebuilt():
                before = one.at
            case _:
                pass


def _running(incident: Incident) -> Iterator[Span]:
    for one in incident.story:
        if isinstance(one.fact, facts.Stepped | facts.StepVerified | facts.Verified):
            yield _run(incident, one.at, one.fact)


def _approval(asked: Timed, at: datetime, ending: str) -> Span:
    round_ = asked.fact.request.round if isinstance(asked.fact, facts.Asked) else 0
    return Span(f"approval {round_}", asked.at, at, attributes=(("heal.ending", ending),))


def _run(
    incident: Incident, at: datetime, fact: facts.Stepped | facts.StepVerified | facts.Verified
) -> Span:
    """A step, or a look whether it helped: both know how long they took."""
    begins = at - timedelta(seconds=fact.seconds)
    if isinstance(fact, facts.Stepped):
        steps = incident.plan.steps if incident.plan else ()
        action = next((step.action for step in steps if step.number == fact.number), "")
        name = f"step {fact.number} {action}{' taken back' if fact.back else ''}"
        failed = "" if fact.ending in DONE else redaction.text(fact.says)
        return Span(name, begins, at, failed, (("heal.ending", str(fact.ending)),))
    number = f" step {fact.number}" if isinstance(fact, facts.StepVerified) else ""
    back = isinstance(fact, facts.Verified) and fact.back
    name = f"verify{number}{' the way back' if back else ''}"
    failed = "" if fact.passed else redaction.text(fact.why)
    return Span(name, begins, at, failed, (("heal.checks", fact.checks),))
