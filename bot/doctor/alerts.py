"""Alerts: whether anything can raise an incident, and whether its door has a real lock."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.errors import ConfigurationError
from bot.doctor.finding import Finding, ok, refused, warning
from bot.doctor.patient import Patient

SHORTEST = 16
"""Signs of a secret that cannot be guessed over a network."""


async def sources(patient: Patient) -> Sequence[Finding]:
    """One finding a source that is open or set wrong; those without a secret stay shut."""
    findings: list[Finding] = []
    shut = []
    for name in patient.toolbox.names("sources"):
        try:
            secret = patient.told.sections(name).get("token", "").strip()
        except ConfigurationError as error:
            findings.append(refused(f"alerts from {name}", error))
            continue
        if secret:
            findings.append(_open(name, secret))
        else:
            shut.append(name)
    listens = bool(patient.settings.alert_senders.strip())
    if not findings and not listens and not _detects(patient):
        set_it = f"set HEAL_{shut[0].upper()}_TOKEN" if shut else "set the secret of a source"
        remedy = f"{set_it} to a long random text, or write a detector"
        return [warning("alerts", "no source is open and nothing is detected", remedy)]
    closed = f"shut, without a secret: {', '.join(shut)}" if shut else "every source is open"
    return [*findings, ok("alerts", closed)]


def _open(name: str, secret: str) -> Finding:
    door = f"alerts from {name}"
    if len(secret) < SHORTEST:
        found = f"its secret has {len(secret)} signs and can be guessed"
        remedy = f"set HEAL_{name.upper()}_TOKEN to a random text of {SHORTEST} signs or more"
        return warning(door, found, remedy)
    return ok(door, f"open at /alerts/{name}")


def _detects(patient: Patient) -> bool:
    return not isinstance(patient.library, ConfigurationError) and bool(patient.library.detectors)
