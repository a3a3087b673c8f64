"""The one message of an incident: posted once, edited in place through its whole life."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.core import incident as incidents
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.slack.cards import (
    apart,
    asking,
    brief,
    looks,
    message,
    outcome,
    parts,
    planned,
    trouble,
    untold,
    waiting,
)
from bot.slack.cards.message import Block, Message


def card(incident: Incident, now: datetime, page: str = "") -> Message:
    """
    Show an incident as it stands; the same incident and minute give the same card.

    `page` is the address of its page for whoever signs in there; empty where there are none.
    """
    return message.of(looks.notification(incident), _blocks(incident, now, page))


def _blocks(incident: Incident, now: datetime, page: str) -> Iterator[Block]:
    yield from trouble.blocks(incident)
    yield from brief.blocks(incident)
    told = [*outcome.lines(incident), *waiting.lines(incident), *apart.lines(incident),
            *untold.lines(incident)]  # fmt: skip
    if told:
        yield from parts.sections("", told, most=4000)
    yield from asking.changed(incident)
    plan = incident.plan
    if plan and _shows_plan(incident):
        yield from planned.actions(incident, plan)
        if incident.state in brief.SHOWS_PLAN:
            yield planned.terms(plan)
        if _undecided(incident):
            yield from planned.reasons(incident, plan)
    yield from asking.blocks(incident, now)
    yield from asking.after(incident)
    yield from parts.page(page)


def _shows_plan(incident: Incident) -> bool:
    healthy = incident.planned is not None and incident.planned.healthy
    return not healthy and incident.state is not State.DIAGNOSED


def _undecided(incident: Incident) -> bool:
    """Verdicts stay on the card until somebody decided, and where they are the end of it."""
    if incident.state in {State.PLANNED, State.DRY_RUN}:
        return True
    if incident.state is State.AWAITING_APPROVAL:
        return incidents.request_of(incident) is not None
    paused = outcome.taken_over(incident)
    return incident.state is State.ESCALATED and not incident.ran and not paused
