"""Calling: why a person is needed, and who is called next until somebody has it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core.facts import Escalated, Gathered, Raised, Unheard
from bot.core.incident import Incident
from bot.core.ladder import Level, Need
from bot.core.lifecycle import Event
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.sections import NextLevel

FRESH = timedelta(hours=1)
"""How old a call may be for pagers and trackers that a crash kept from hearing of it."""


class Due(NamedTuple):
    """What comes next and when: a level, or None once all were called in vain."""

    level: Level | None
    number: int
    at: datetime


def decided(incident: Incident, event: Event, rules: Rulebook, call: Escalated) -> Escalated:
    """Return the call of a person with what policy says now about who is called after them."""
    why = need(incident, event)
    if why is None:
        return call
    levels = rules.next_levels(incident.service, incident.environment, call.to)
    return call.model_copy(
        update={
            "need": why,
            "page": why in rules.escalation.pages,
            "levels": tuple(_level(rules, one) for one in levels),
        }
    )


def need(incident: Incident, event: Event) -> Need | None:
    """
    Tell why a person is needed when an incident ends by this event.

    Nobody is, where somebody took it over, or asked for what was not even begun.
    """
    wish = incident.opened.wish is not None and not incident.ran
    if event is Event.TAKEN_OVER or wish:
        return None
    if incident.ran or event is Event.GAVE_UP:
        return Need.FAILED
    if event is Event.APPROVAL_EXPIRED:
        return Need.UNHEARD
    fits = incident.chosen is not None and bool(incident.chosen.runbook)
    return Need.REFUSED if fits else Need.NOVEL


def next_due(incident: Incident) -> Due | None:
    """
    Tell who is called next; None when nobody has to be any more.

    That is when somebody has it, everybody was called, or its alert does not fire by now. All
    instants follow from the record, so they are the same in every life.
    """
    call, begun = incident.escalated, _begun(incident)
    if call is None or begun is None or not (call.levels and incident.over):
        return None
    if incident.taken or in_vain(incident) or not (incident.fires or incident.opened.alert is None):
        return None
    past = len(incident.raised)
    waits = [one.wait for one in call.levels]
    waited = sum(waits[: past + 1]) if past < len(waits) else sum(waits) + waits[-1]
    level = call.levels[past] if past < len(waits) else None
    return Due(level, past + 2, begun + timedelta(seconds=waited))


def fresh(incident: Incident, now: datetime) -> bool:
    """Whether somebody was called so lately that whoever was not told yet has to be."""
    if incident.escalated is None or incident.escalated.need is None or incident.taken:
        return False
    calls = (one.at for one in reversed(incident.story) if isinstance(one.fact, Escalated | Raised))
    last = next(calls, None)
    return last is not None and now - last < FRESH


def gathered(incident: Incident) -> Gathered | None:
    """The last page that told of others with it, if there was one."""
    told = (one.fact for one in reversed(incident.story))
    return next((fact for fact in told if isinstance(fact, Gathered)), None)


def held_at(incident: Incident) -> datetime | None:
    """When a page of its own was held back last."""
    for one in reversed(incident.story):
        if isinstance(one.fact, Escalated | Raised) and one.fact.held:
            return one.at
    return None


def in_vain(incident: Incident) -> bool:
    """Whether everybody was called, and nobody said in time that they have it."""
    return any(isinstance(one.fact, Unheard) for one in incident.story)


def _begun(incident: Incident) -> datetime | None:
    """When the first were called."""
    told = (one.at for one in reversed(incident.story) if isinstance(one.fact, Escalated))
    return next(told, None)


def _level(rules: Rulebook, one: NextLevel) -> Level:
    circle = rules.circle(one)
    words = {"groups": circle.groups, "people": circle.people, "schedules": circle.schedules}
    return Level(**words, wait=one.wait.total_seconds(), page=one.page)
