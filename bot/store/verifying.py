"""Verifying: whether a ledger file still says what was written, asked without touching it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.core import extracts
from bot.core.chain import Break, Head, Walk
from bot.core.extracts import Stated
from bot.core.facts import LedgerSealed
from bot.store import exhibits, extract, reading
from bot.store.stretches import Stretches

SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Report:
    """How far the chain holds, and the first thing that is wrong with it, if anything is."""

    count: int
    head: Head
    broken: Break | None
    extract: Stated | None = None
    gaps: int = 0
    roots: Mapping[int, bytes] = field(default_factory=dict)
    """The Merkle roots that were asked for by their sizes, as far as the ledger holds."""
    withheld: int = 0
    """Entries of which only the hash is there; what a copy of them shows, the hash cannot prove."""
    missing: tuple[LedgerSealed, ...] = ()
    """What is sealed in files that are not here: of it only the hash at its end is proved."""

    @property
    def sound(self) -> bool:
        return self.broken is None

    @property
    def line(self) -> str:
        """The verdict in one line, for the command line and the doctor."""
        if self.broken is not None:
            seq, why = self.broken
            return f"broken at entry {seq}: {why} ({self.count} before it hold)"
        held = f", {self.withheld} withheld (hash only)" if self.withheld else ""
        said = f"sound: {self.count} entries{held}, the last is {self.head.hash}"
        if self.missing:
            away = (
                f"{one.names} are sealed in {one.file}, which is not here" for one in self.missing
            )
            return f"{said.replace('sound', 'sound as far as it goes', 1)}; {'; '.join(away)}"
        if self.extract is None:
            return said
        ledger = self.extract.head
        return (
            f"an extract ({self.extract.chosen}), {said}; gaps: {self.gaps}; the ledger ended "
            f"with {ledger.seq}:{ledger.hash} at {self.extract.made_at}, and it alone can show "
            "what stands in a gap"
        )


def verify(path: Path, head: Head | None = None, sizes: Iterable[int] = ()) -> Report:
    """
    Walk the whole chain of a file, live or a copy; never raises for what it finds in there.

    What the chain alone cannot show is a tail cut off, or all of it written anew: pass the `head`
    that was remembered elsewhere, or the `sizes` of checkpoints to have the roots of the tree
    there. Blocks for about five seconds per million entries, so call it in a thread.
    """
    if not path.exists():
        return Report(0, Walk().head, Break(1, f"there is no file {path}"))
    try:
        with closing(reading.read_only(path)) as conn:
            if stated := extract.stated(conn):
                return _extract(conn, stated, head)
            course = Stretches(conn, head, sizes)
            broken = course.walk() or exhibits.astray(conn) or _mislaid(course)
    except sqlite3.Error as error:
        return Report(0, Walk().head, Break(1, f"the file cannot be read there: {error}"))
    missing = tuple(course.missing)
    return Report(course.head.seq, course.head, broken, roots=course.roots, missing=missing)


def is_database(path: Path) -> bool:
    """Whether a file is SQLite's, empty, or not there: nothing else can be read as a ledger."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(SQLITE))
    except OSError:
        return True
    return begins in {SQLITE, b""}


def _extract(conn: sqlite3.Connection, stated: Stated, head: Head | None) -> Report:
    """Row by row: entries may be left out of it."""
    walk = Walk(head, extract=True)
    try:
        broken = extracts.walked(walk, extract.parts(conn)) or exhibits.astray(conn, whole=False)
    except sqlite3.Error as error:
        broken = Break(walk.head.seq + 1, f"the file cannot be read there: {error}")
    return of_extract(walk, stated, broken, head)


def of_extract(walk: Walk, stated: Stated, broken: Break | None, head: Head | None) -> Report:
    """Report on an extract after a walk through all of it, in whatever format it was read."""
    broken = broken or extracts.astray(walk, stated, head)
    gaps = walk.gaps + (walk.head.seq < stated.head.seq)
    return Report(walk.count, walk.head, broken, stated, gaps, withheld=walk.withheld)


def _mislaid(course: Stretches) -> Break | None:
    """Say where what entries are found by is not what they say: no evidence, but relied on."""
    if not (seq := course.sightings.astray):
        return None
    return Break(seq, "it holds, but the table `sighting` does not say of it what it says: empty "
                      "that table, and Heal reads it off again at its next start")  # fmt: skip
