"""Correspondents: whether each system that is kept in step can be told, and was told all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot import ports
from bot.app import correspondents
from bot.core.errors import ConfigurationError
from bot.doctor.finding import Finding, failed, ok, refused, warning
from bot.doctor.patient import Patient
from bot.plugins import Room
from bot.store import tickets

SHUT = "mend its settings or the rights of its user: docs/{room}.md lists them"
BEHIND = "`heal tickets` lists them; `/heal tickets retry` tells them once more, as a start does"


async def reached(patient: Patient) -> Sequence[Finding]:
    """One finding a system that a setting is about."""
    named = correspondents.named(patient.toolbox, patient.told.sections)
    return [await _reached(patient, room, name) for room, name in named]


async def _reached(patient: Patient, room: Room, name: str) -> Finding:
    said = f"{name} in step"
    try:
        correspondent = patient.toolbox.correspondent(room, name)
    except ConfigurationError as error:
        return refused(said, error)
    if not correspondent.wanted:
        return ok(said, "its settings do not want it told anything")
    why = await correspondent.why_not()
    if not why and isinstance(correspondent, ports.Branching):
        asked = [await one.why_not() for one in correspondent.branches.values() if one.wanted]
        why = next(filter(None, asked), "")
    return failed(said, why, SHUT.format(room=room)) if why else ok(said, "can be told")


async def told(patient: Patient) -> Sequence[Finding]:
    """What was given up, whoever it was to be told."""
    path = patient.settings.ledger
    untold = await asyncio.to_thread(tickets.untold, path) if path.is_file() else []
    if not untold:
        return []
    systems = ", ".join(sorted({one.system for one in untold}))
    return [warning("tickets", f"{len(untold)} updates were not told to {systems}", BEHIND)]
