"""Then: what policy may know at one instant, out of a ledger or of nothing; it cannot act."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from bot.core import facts
from bot.core.errors import ConfigurationError
from bot.core.library import Library
from bot.core.plan import Plan
from bot.engine.casebook import Casebook
from bot.engine.world import World
from bot.store.file import connect
from bot.store.past import Past


class Stopped:
    """A clock that stands where it is put; nobody can wait by it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise RuntimeError(f"a simulation waits for nothing, and was to wait {seconds} s")


class _Untouched:
    """Stands for all that a simulation has no business with; whoever asks it is mistaken."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"a simulation touches nothing, and was asked for {name}")


class Then(NamedTuple):
    """What was on record at an instant, and the incidents that follow from it."""

    past: Past
    cases: Casebook

    def last_plan(self, runbook: str, service: str, environment: str) -> Plan | None:
        """The last plan of this runbook for this service; None when none can be read."""
        entry = self.past.planned(runbook, service, environment, self.past.head())
        try:
            fact = facts.read(entry.body) if entry else None
        except ValidationError:
            return None  # another version wrote it
        return fact.plan if isinstance(fact, facts.Planned) else None


@contextmanager
def opened(ledger: Path | None, at: datetime | None = None) -> Iterator[Then]:
    """A ledger as it stood at that instant; without a ledger nothing ever happened."""
    with tempfile.TemporaryDirectory(prefix="heal-simulate-") as folder:
        path = ledger or _blank(Path(folder) / "none.db")
        if not path.is_file():
            raise ConfigurationError(f"there is no ledger {path}: name it with --ledger")
        try:
            past = Past(path, at)
            with closing(past):
                yield Then(past, Casebook(past))
        except sqlite3.Error as error:
            raise ConfigurationError(f"{path} cannot be read as a ledger: {error}") from error


def world(library: Library, cases: Casebook, clock: Stopped) -> World:
    """A world in which plans can be judged, and nothing else."""
    none = cast("Any", _Untouched())
    return World(
        clock=clock,
        ledger=none,
        plugins=none,
        people=none,
        pager=none,
        cases=cases,
        library=lambda: library,
        tasks=none,
        new_id=none,
        channel="",
    )


def _blank(path: Path) -> Path:
    connect(path, 0).close()
    return path
