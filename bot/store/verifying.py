"""Verifying: whether a ledger file still says what was written, asked without touching it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.chain import Break, Head, Walk
from bot.store import extract, reading, sightings
from bot.store.course import Course
from bot.store.extract import Stated


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

    @property
    def sound(self) -> bool:
        return self.broken is None

    @property
    def line(self) -> str:
        """The verdict in one line, for the command line and the doctor."""
        if self.broken is not None:
            seq, why = self.broken
            return f"broken at entry {seq}: {why} ({self.count} before it hold)"
        said = f"sound: {self.count} entries, the last is {self.head.hash}"
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
            course = Course(conn, head, sizes)
            broken = course.walk() or _mislaid(conn)
    except sqlite3.Error as error:
        return Report(0, Walk().head, Break(1, f"the file cannot be read there: {error}"))
    return Report(course.head.seq, course.head, broken, roots=course.roots)


def _extract(conn: sqlite3.Connection, stated: Stated, head: Head | None) -> Report:
    """Row by row: entries may be left out of it."""
    walk = Walk(head, extract=True)
    try:
        broken = next(filter(None, map(walk.fault, reading.rows(conn))), None)
    except sqlite3.Error as error:
        broken = Break(walk.head.seq + 1, f"the file cannot be read there: {error}")
    broken = broken or _astray(walk, stated, head)
    gaps = walk.gaps + (walk.head.seq < stated.head.seq)
    return Report(walk.count, walk.head, broken, stated, gaps)


def _mislaid(conn: sqlite3.Connection) -> Break | None:
    """Compare what entries are found by with what they say: no evidence, but Heal relies on it."""
    if not (seq := sightings.astray(conn)):
        return None
    return Break(seq, "it holds, but the table `sighting` does not say of it what it says: empty "
                      "that table, and Heal reads it off again at its next start")  # fmt: skip


def _astray(walk: Walk, stated: Stated, remembered: Head | None) -> Break | None:
    """Compare what an extract holds with what it says of itself, and with what was remembered."""
    last, ledger = walk.head, stated.head
    after = last.seq + 1
    if walk.count != stated.entries:
        return Break(after, f"{stated.entries} entries were put in, {walk.count} are there")
    if last.seq > ledger.seq or (last.seq == ledger.seq and last.hash != ledger.hash):
        return Break(last.seq, "it is not where the extract says that the ledger ended")
    if remembered and remembered.seq == ledger.seq and remembered.hash != ledger.hash:
        return Break(ledger.seq, "the ledger ended with another entry than the remembered one")
    if remembered and not walk.met and remembered.seq != ledger.seq:
        return Break(remembered.seq, "that entry is not in it: ask the ledger about it")
    return None
