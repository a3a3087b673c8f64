"""Evidence: whether the graphs that are wanted can be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from bot.app import sections
from bot.clients import drawing
from bot.clients.drawing import EvidenceSettings
from bot.core.errors import ConfigurationError
from bot.doctor.finding import Finding, ok, warning
from bot.doctor.patient import Patient


async def graphs(patient: Patient) -> Sequence[Finding]:
    """Without matplotlib they are kept in words, which is less; a wrong setting is told before."""
    try:
        wanted = sections.read("evidence", EvidenceSettings, patient.told.sections).graphs
    except ConfigurationError:
        return []
    if not wanted:
        return []
    if drawing.installed():
        return [ok("graphs", "can be drawn")]
    remedy = "pip install 'heal-bot[graphs]', or set HEAL_EVIDENCE_GRAPHS=false"
    return [warning("graphs", "matplotlib is not installed: they are kept in words", remedy)]
