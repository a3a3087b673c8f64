"""Ledgers with a past: incidents that ended long ago or did not, and orders of the house."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from bot.core.facts import Closed, Refused, Started
from bot.core.lifecycle import Event
from bot.core.transcript import Draft
from tests import builders
from tests.store.drafts import NOON

KEEP = timedelta(days=90)
NOW = NOON + timedelta(days=400)
"""When it is sealed; the past began 400 days before."""


def past(dice: Random, incidents: int) -> list[Draft]:
    """Entries of many incidents, woven together in the order of their times."""
    drafts: list[Draft] = []
    for number in range(incidents):
        begins = NOON + timedelta(days=400 * number / incidents)
        drafts += _incident(dice, f"inc-{number:05}", begins)
    drafts += [_house(number, NOON + timedelta(days=40 * number)) for number in range(10)]
    return sorted(drafts, key=lambda one: one.at)


def _incident(dice: Random, name: str, at: datetime) -> Iterator[Draft]:
    def entry(kind: str, body: str, minutes: float) -> Draft:
        when, key = at + timedelta(minutes=minutes), f"{name}:{kind}:{minutes}"
        return Draft(at=when, incident=name, actor="heal", kind=kind, key=key, body=body)

    yield entry("incident.opened", builders.an_opening(workflow="heal-1").body, 0)
    yield from (
        entry("evidence.read", '{"words": "long"}', 1 + n) for n in range(dice.randrange(4))
    )
    ran = dice.random() < 0.5
    if ran:
        run = Started(
            digest="d", runbook="r", service="shop", environment="production", targets=("t",)
        )
        yield entry("run.started", run.body, 10)
        yield entry("step.ended", '{"output": "much"}', 11)
    if dice.random() < 0.9:
        event = dice.choice([Event.ALERT_CLEARED, Event.GAVE_UP, Event.CANCELLED])
        yield entry("incident.closed", Closed(event=event, says="over").body, 20)
    if ran and dice.random() < 0.2:
        yield entry("incident.came_back", "{}", 30)


def _house(number: int, at: datetime) -> Draft:
    body, kind = Refused(door="slack", why=f"no {number}").body, "door.refused"
    if number % 2:
        kind, body = "house.resumed", '{"kind":"house.resumed","by":"U1","why":"ok"}'
    return Draft(at=at, incident="", actor="heal", kind=kind, key=f"house-{number}", body=body)
