"""Deep: what takes longer to look at, and is worth it before a release or after a bad night."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bot import ports
from bot.core.errors import ConfigurationError, TemporaryError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.ledger import standing
from bot.doctor.patient import Patient
from bot.store import health

WRITES = 9
"""Writes that are tried; each is waited for as a commit is."""
SLOW, TOO_SLOW = 0.05, 0.5
"""Seconds of the middle one: every step of a run waits for the disk twice."""
FEW_DAYS, VERY_FEW_DAYS = 30.0, 3.0
LATE = timedelta(minutes=10)
"""A message that Slack has not taken for so long is not on its way any more."""
STILL = timedelta(days=7)
"""An open incident of which nothing is recorded for so long waits for nobody that comes."""
SAMPLE = 5
"""Messages that are looked for in Slack."""


async def disk(patient: Patient) -> Sequence[Finding]:
    """How long the ledger's disk takes to have something for sure: a write and an fsync."""
    folder = standing(patient.settings.ledger.absolute().parent)
    try:
        took = await asyncio.to_thread(_writes, folder, patient.clock)
    except OSError as error:
        remedy = "point HEAL_LEDGER to a place on a local disk that Heal's user may write to"
        return [failed("ledger disk", f"{folder}: {error.strerror}", remedy)]
    return [safe_after(sorted(took))]


async def pages(patient: Patient) -> Sequence[Finding]:
    """Whether SQLite finds its own pages in order: the chain proves entries, not indexes."""
    path = patient.settings.ledger
    if not path.exists():
        return []
    try:
        wrong = await asyncio.to_thread(health.damage, path)
    except ConfigurationError as error:
        wrong = str(error)
    if not wrong:
        return [ok("ledger pages", "SQLite finds nothing wrong with them")]
    remedy = "stop Heal, keep the file as evidence, and put back the last good backup"
    return [failed("ledger pages", wrong, remedy)]


async def growth(patient: Patient) -> Sequence[Finding]:
    """How large the ledger is, and when its disk is full if it goes on as in the last week."""
    path = patient.settings.ledger
    if not path.exists():
        return []
    try:
        seen = await asyncio.to_thread(health.growth, path, patient.clock.now())
    except ConfigurationError:
        return []  # said with the ledger
    free = shutil.disk_usage(path.absolute().parent).free
    return [grown(seen, free)]


async def letters(patient: Patient) -> Sequence[Finding]:
    """What came in and never will be dealt with, and what Slack did not take."""
    path = patient.settings.ledger
    if not path.exists():
        return []
    try:
        seen = await asyncio.to_thread(health.letters, path, patient.clock.now(), LATE)
    except ConfigurationError:
        return []  # said with the ledger
    found = []
    if seen.refused:
        said = f"{seen.refused} were accepted and could not be dealt with, as: {seen.refused_why}"
        remedy = "see what they say: heal audit search door.refused; then send them again"
        found.append(warning("inbox", said, remedy))
    if seen.unsent:
        why = f", as: {seen.unsent_why}" if seen.unsent_why else ""
        said = f"{seen.unsent} messages wait longer than {LATE.seconds // 60} min{why}"
        remedy = "if Heal runs, look at what /readyz says of Slack; else start it"
        found.append(warning("outbox", said, remedy))
    return found or [ok("inbox and outbox", "nothing is left lying")]


async def still(patient: Patient) -> Sequence[Finding]:
    """Open incidents in which nothing happens any more."""
    path = patient.settings.ledger
    if not path.exists():
        return []
    before = patient.clock.now() - STILL
    try:
        seen = await asyncio.to_thread(health.still, path, before)
    except ConfigurationError:
        return []  # said with the ledger
    if not seen:
        return [ok("open incidents", f"something happened to each within {STILL.days} days")]
    said = f"nothing happened for {STILL.days} days to {', '.join(seen[:10])}"
    remedy = "ask /heal why of each, then keep, undo or cancel it"
    return [warning("open incidents", said, remedy)]


async def cards(patient: Patient) -> Sequence[Finding]:
    """Whether Slack really shows what the outbox says it took: the newest few are looked for."""
    path = patient.settings.ledger
    if not path.exists() or not patient.slack.known:
        return []
    try:
        sample = await asyncio.to_thread(health.shown, path, SAMPLE)
        gone = [
            one for one in sample if not await patient.slack.shows(one.channel, one.ts, one.thread)
        ]
    except (ConfigurationError, TemporaryError) as error:
        remedy = "give Heal the scopes of deploy/slack/manifest.yaml, and ask again"
        return [warning("cards", f"they could not be looked for: {error}", remedy)]
    if not gone:
        return [ok("cards", f"the newest {len(sample)} stand in Slack")]
    said = f"{len(gone)} of the newest {len(sample)} are gone from Slack: {gone[0].slot}"
    remedy = "somebody deleted them; /heal status shows what is open, its plans are asked for again"
    return [warning("cards", said, remedy)]


def grown(seen: health.Growth, free: int) -> Finding:
    """Judge it by the days until the disk is full."""
    size = f"{seen.size >> 20} MiB"
    if not seen.a_day:
        return ok("ledger size", f"{size}; nothing was added within a week")
    days = free / seen.a_day
    said = (
        f"{size}, {seen.a_day / (1 << 20):.1f} MiB more a day: its disk is full in {days:.0f} days"
    )
    remedy = "make room or move HEAL_LEDGER to a larger disk; when it is full nothing is healed"
    if days < VERY_FEW_DAYS:
        return failed("ledger size", said, remedy)
    return warning("ledger size", said, remedy) if days < FEW_DAYS else ok("ledger size", said)


def _writes(folder: Path, clock: ports.Clock) -> list[float]:
    """Seconds of each; the file has no name and is gone when it is closed."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(WRITES):
            began = clock.monotonic()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            took.append(clock.monotonic() - began)
    return took


def safe_after(took: Sequence[float]) -> Finding:
    """Judge the disk by the seconds that writes took, the longest last."""
    middle, worst = took[len(took) // 2], took[-1]
    said = f"a write is safe after {middle * 1000:.1f} ms, at worst {worst * 1000:.1f} ms"
    remedy = "put the ledger on a local disk; on a network's, every step waits for it twice"
    if middle >= TOO_SLOW:
        return failed("ledger disk", said, remedy)
    return warning("ledger disk", said, remedy) if middle >= SLOW else ok("ledger disk", said)
