"""Incidents: whether those that are open can be gone on with by this version."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from bot.core.errors import ConfigurationError
from bot.core.transcript import Entry
from bot.doctor.finding import Finding, ok, warning
from bot.doctor.patient import Patient
from bot.engine.healing import WORKFLOW
from bot.store import reading


async def foreign(patient: Patient) -> Sequence[Finding]:
    """What another version began is escalated at the start rather than misread."""
    path = patient.settings.ledger
    if not path.is_file():
        return []
    try:
        found = await asyncio.to_thread(reading.open_incidents, path)
    except ConfigurationError:
        return []  # said with the ledger
    strange = [one.incident for one in found if _workflow(one) != WORKFLOW]
    if strange:
        listed = ", ".join(strange[:10])
        remedy = "start the older version once more and let them end, or finish them by hand"
        return [warning("incidents", f"another version of Heal began {listed}", remedy)]
    return [ok("incidents", f"open: {len(found)}; this version can go on with all of them")]


def _workflow(opened: Entry) -> str:
    return str(json.loads(opened.body).get("workflow", ""))
