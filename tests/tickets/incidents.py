"""Incidents whose updates tell trackers what they have in common."""

from __future__ import annotations

import dataclasses

from bot.core import exhibit, facts, updates
from bot.core.incident import Incident
from bot.core.updates import Update
from tests import builders

TREE = "9.1 GiB /var\n8.0 GiB /var/log\n7.9 GiB /var/log/@ana/#12\n"


def with_a_report(octets: bytes = TREE.encode(), media: str = exhibit.TEXT) -> Update:
    """The update that shows what takes the room on a disk."""
    name = "report-tree-before.txt" if media == exhibit.TEXT else "graph.png"
    shown = exhibit.exhibited(name, octets, media=media, title="report: tree", says="3 lines")
    update = last(builders.an_incident(builders.an_opening(), shown.said))
    return dataclasses.replace(update, exhibit=shown)


def called() -> Incident:
    """One without a runbook, so that people were called."""
    opening = builders.an_opening()
    escalated = facts.Escalated(to="S0ONCALL", why="no runbook fits")
    return builders.an_incident(opening, escalated)


def proposed() -> Incident:
    """One of those that come back, for which a problem record is wanted."""
    wanted = facts.Proposed(
        by="U0ANA", title="shop answers 502", service="shop", environment="production",
        incidents=("inc-1", builders.INCIDENT),
    )  # fmt: skip
    return builders.an_incident(builders.an_opening(), wanted)


def named(**labels: str) -> Incident:
    """One whose alert says which ticket it is about."""
    alert = builders.an_alert(labels={"service": "shop", "environment": "production", **labels})
    return builders.an_incident(builders.an_opening(alert=alert))


def last(incident: Incident) -> Update:
    """The newest update of it."""
    return [*updates.of(incident)][-1]
