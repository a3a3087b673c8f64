"""Records: one JSON file for each incident that ended, for programs that read folders."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import secrets
from pathlib import Path

from bot.core.errors import ConfigurationError
from bot.core.incident import Incident
from bot.core.telling import record
from bot.ports import Cases
from bot.tasks import Tasks

NAME = re.compile(r"inc-[a-z0-9]{1,40}")
"""Ids are ours; a file's name is made of nothing else."""
RECENT = 50
"""Ended incidents that are looked after at a start: an earlier life may not have written them."""
log = logging.getLogger(__name__)


class Records:
    """
    Writes `incident-<id>.json` when an incident ends, and again when it turns out otherwise.

    The ledger is the record; a file that cannot be written is logged and stops nothing.
    """

    def __init__(self, folder: str, cases: Cases) -> None:
        """Without a folder nothing is written; ConfigurationError when it cannot be written to."""
        self._folder = Path(folder)
        self._waiting: dict[str, Incident] = {}
        self._tasks = Tasks()
        if not folder:
            return
        if why := unusable(self._folder):
            raise ConfigurationError(f"HEAL_INCIDENT_RECORDS: {why}")
        for incident in cases.recent(RECENT):
            if not self.path(incident.id).exists():
                self._want(incident)
        cases.subscribe(lambda incident, _: self._want(incident))

    def path(self, name: str) -> Path:
        return self._folder / f"incident-{name}.json"

    async def close(self) -> None:
        """Write what waits, if that goes quickly."""
        await self._tasks.close(2.0)

    def _want(self, incident: Incident) -> None:
        if not (incident.over and NAME.fullmatch(incident.id)):
            return
        if not self._waiting:
            self._tasks.start(self._write(), name="incident records")
        self._waiting[incident.id] = incident

    async def _write(self) -> None:
        """One at a time, the latest of each; whatever came meanwhile is written too."""
        while self._waiting:
            name, incident = next(iter(self._waiting.items()))
            try:
                await asyncio.to_thread(self._put, name, json.dumps(record.record(incident)))
            except OSError as error:
                log.warning("the record of %s was not written: %s", name, error)
            if self._waiting[name] is incident:
                del self._waiting[name]

    def _put(self, name: str, text: str) -> None:
        """Whole or not at all: readers never meet half a file."""
        beside = self._folder / f".incident-{name}.{secrets.token_hex(4)}"
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(file, "w", encoding="utf-8") as out:
                out.write(f"{text}\n")
                out.flush()
                os.fsync(out.fileno())
            beside.replace(self.path(name))
        except OSError:
            beside.unlink(missing_ok=True)
            raise


def unusable(folder: Path) -> str:
    """Why no record can be written there, and what to do about it; empty when it can."""
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return ""
    return f"{folder} is no folder that Heal may write to: make it, owned by Heal's user"
