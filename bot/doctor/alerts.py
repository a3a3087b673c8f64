"""Alerts: whether anything can raise an incident, and whether its door has a real lock."""

from __future__ import annotations

from collections.abc import Sequence

from bot.app import doors
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
            found = doors.door(patient.toolbox, name)
        except ConfigurationError as error:
            findings.append(refused(f"alerts from {name}", error))
            continue
        if found is None:
            shut.append(name)
        else:
            findings.append(_open(patient, name, found.locks))
    listens = bool(patient.settings.alert_senders.strip())
    if not findings and not listens and not _detects(patient):
        remedy = f"set {_setting(shut[0], 'token')} to a long random text, or write a detector"
        return [warning("alerts", "no source is open and nothing is detected", remedy)]
    closed = f"shut, without a secret: {', '.join(shut)}" if shut else "every source is open"
    return [*findings, ok("alerts", closed)]


def _open(patient: Patient, name: str, locks: Sequence[str]) -> Finding:
    door, given = f"alerts from {name}", patient.toolbox.webhook(name.partition(".")[0])
    secrets = [(lock, each.strip()) for lock in locks for each in given.get(lock, "").split(",")]
    for lock, secret in secrets:
        if 0 < len(secret) < SHORTEST and lock != "certificate":
            found = f"its {lock} has {len(secret)} signs and can be guessed"
            remedy = f"set {_setting(name, lock)} to a random text of {SHORTEST} signs or more"
            return warning(door, found, remedy)
    return ok(door, f"open at /alerts/{name}, for who has its {' and '.join(locks)}")


def _setting(name: str, lock: str) -> str:
    return f"HEAL_{name.partition('.')[0]}_WEBHOOK_{lock}".upper()


def _detects(patient: Patient) -> bool:
    return not isinstance(patient.library, ConfigurationError) and bool(patient.library.lookouts)
