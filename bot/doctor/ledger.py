"""Ledger: whether what was written stands, and whether more can be written tonight."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.store import lock, verifying
from bot.store.records import unusable

LEAST, LITTLE = 50 << 20, 1 << 30
"""Bytes that must be free, and that should be: an incident takes some tens of kilobytes."""
STRICT_TABLES = (3, 37, 0)
RESET_MENDED = (3, 51, 3)
"""SQLite before it can damage a file that two programs write to at once."""


async def place(patient: Patient) -> Sequence[Finding]:
    """Its folder: written to for a moment by a file without a name, and how much is free there."""
    path = patient.settings.ledger.absolute()
    owner = lock.owner(path)
    running = f"in use by a running Heal (pid {owner}): fine"
    used = [ok("ledger lock", running)] if owner else []
    folder = standing(path.parent)
    try:
        with tempfile.TemporaryFile(dir=folder):
            left = shutil.disk_usage(folder).free
    except OSError as error:
        remedy = "point HEAL_LEDGER to a place on a local disk that Heal's user may write to"
        return [*used, failed("ledger folder", f"{folder}: {error.strerror}", remedy)]
    return [*used, _space(folder, left)]


async def records(patient: Patient) -> Sequence[Finding]:
    """The folder of the incidents' JSON files, where there shall be any."""
    folder = patient.settings.incident_records
    if not folder:
        return []
    name = "HEAL_INCIDENT_RECORDS"
    if why := unusable(Path(folder)):
        found, _, remedy = why.partition(": ")
        return [failed(name, found, remedy)]
    return [ok(name, f"{folder} can be written")]


async def chain(patient: Patient) -> Sequence[Finding]:
    path = patient.settings.ledger
    if not path.exists():
        return [ok("ledger", f"{path} is not there yet: the first start makes it")]
    report = await asyncio.to_thread(verifying.verify, path)
    if report.extract is not None:
        remedy = "point HEAL_LEDGER to the ledger itself: an extract is for reading"
        return [failed("ledger", f"{path} is an extract of a ledger", remedy)]
    if not report.sound:
        remedy = (
            "keep the file as evidence, find out who wrote to it, and put back the last good copy "
            "with its -wal file"
        )
        return [failed("ledger", report.line, remedy)]
    return [ok("ledger", report.line)]


async def sqlite(_: Patient) -> Sequence[Finding]:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < STRICT_TABLES:
        found = f"{version} knows no strict tables"
        return [failed("SQLite", found, "run Heal with a Python whose SQLite is 3.37 or newer")]
    if sqlite3.sqlite_version_info >= RESET_MENDED:
        return [ok("SQLite", version)]
    note = "let nothing but Heal write to the ledger: before 3.51.3 two writers could damage it"
    return [ok("SQLite", f"{version}; {note}")]


def standing(folder: Path) -> Path:
    """The nearest folder that is there: what is missing below it is made at the start."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def _space(folder: Path, left: int) -> Finding:
    said = f"{folder} can be written, {left >> 20} MiB free"
    remedy = "make room: when the ledger cannot be written, nothing is healed"
    if left < LEAST:
        return failed("ledger folder", said, remedy)
    return warning("ledger folder", said, remedy) if left < LITTLE else ok("ledger folder", said)
