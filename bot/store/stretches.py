"""Stretches: a ledger and what was sealed away from it, walked as one chain and one tree."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from bot.core.chain import GENESIS, Break, Head, Row, Walk
from bot.core.facts import LedgerSealed
from bot.core.merkle import Frontier
from bot.store import copying, cutting, segments
from bot.store.course import Course
from bot.store.segments import COLUMNS
from bot.store.sightings import IS_ONE, Comparison


class Stretches:
    """
    One walk along all that is here; `head` is the last entry that is sound.

    `roots` are those of the tree at each of the `sizes` that could be told, and `missing` what is
    sealed in files that are not here; `sightings` say whether entries are found by what they say.
    The chain goes on behind these as their seals say, and these
    are entries of the chain themselves.
    """

    def __init__(
        self, conn: sqlite3.Connection, remembered: Head | None, sizes: Iterable[int]
    ) -> None:
        self.head = Head(0, GENESIS)
        self.roots = dict[int, bytes]()
        self.missing: list[LedgerSealed] = []
        self.sightings = Comparison(conn)
        self._tree = Frontier()
        self._conn = conn
        self._remembered = remembered
        self._sizes = frozenset(sizes)

    def walk(self) -> Break | None:
        """Go to the end, and say what is wrong first."""
        try:
            seals = segments.seals(self._conn)
        except ValueError:
            return Break(1, "an entry `ledger.sealed` does not say what was sealed")
        whole = bool(seals) and self._whole(seals[-1])
        if whole and not any(segments.place(self._conn, seal).is_file() for seal in seals):
            return self._rest()
        for seal in seals:
            if broken := self._sealed(seal):
                return broken
        return (self._stays(seals[-1]) if seals and not whole else None) or self._rest()

    def _rest(self) -> Break | None:
        """Walk what was not sealed away, and compare what all entries in the file are found by."""
        sql = f"select {COLUMNS} from entry where {IS_ONE} and seq <= ? order by seq"  # noqa: S608 - constants
        for stays in self._conn.execute(sql, [self.head.seq]):
            self.sightings.take((Row._make(stays),))
        broken = self._go(self._conn, None)
        self.sightings.end()
        return broken

    def _whole(self, last: LedgerSealed) -> bool:
        """Whether nothing ever left this file: it is a copy that Postgres filled."""
        sql = "select count(*) from entry where seq <= ? and not exists (select 1 from leaving)"
        ((held,),) = self._conn.execute(sql, [last.upto])
        return bool(held == last.upto)

    def _sealed(self, seal: LedgerSealed) -> Break | None:
        if seal.first != self.head.seq + 1 or seal.upto < seal.first:
            return Break(self.head.seq + 1, f"it is in no seal: the next one is of {seal.names}")
        try:
            behind = Frontier.read(seal.frontier)
        except ValueError:
            return Break(seal.first, f"the seal of {seal.names} has no tree")
        path = segments.place(self._conn, seal)
        if path.is_file():
            return self._segment(path, seal)
        self.missing.append(seal)
        known = self._remembered
        if known and seal.first <= known.seq <= seal.upto and known != (seal.upto, seal.head):
            away = f"it is sealed in {seal.file}, which is not here, so it cannot be compared"
            return Break(known.seq, away)
        self.head, self._tree = Head(seal.upto, seal.head), behind
        if seal.upto in self._sizes:
            self.roots[seal.upto] = behind.root
        return None

    def _segment(self, path: Path, seal: LedgerSealed) -> Break | None:
        with closing(segments.opened(path)) as conn:
            if broken := self._go(conn, seal):
                return Break(broken.seq, f"in {seal.file}: {broken.why}")
        ended = self.head == (seal.upto, seal.head) and self._tree.written == seal.frontier
        if not ended or copying.digest(path) != seal.sha256:
            return Break(self.head.seq, f"{seal.file} is not what was sealed")
        return None

    def _go(self, conn: sqlite3.Connection, seal: LedgerSealed | None) -> Break | None:
        """Walk what lies in one file, from where the last one ended."""
        known = self._remembered
        if seal and known and known.seq > seal.upto:
            known = None
        sizes = [size for size in self._sizes if seal is None or size <= seal.upto]
        watch = self.sightings.take if seal is None else None
        course = Course(conn, known, sizes, self.head, self._tree, watch)
        broken = course.walk()
        self.head, self._tree = course.head, course.tree
        self.roots |= course.roots
        return broken

    def _stays(self, last: LedgerSealed) -> Break | None:
        """Compare what the ledger kept of sealed entries with what the last seal says of it."""
        walk, broken = Walk(extract=True), list[Break]()

        def kept() -> Iterator[tuple[int, str]]:
            sql = (
                f"select {COLUMNS} from entry where seq <= ? and seq not in "  # noqa: S608 - constants
                "(select seq from leaving where upto = ?) order by seq"
            )
            for each in self._conn.execute(sql, [last.upto, last.upto]):
                if fault := walk.fault(Row._make(each)):
                    broken.append(fault)
                    return
                yield walk.head

        if cutting.stay_hash(kept()) == (last.stays, last.stay_hash):
            return None
        why = f"what the ledger kept of the entries up to {last.upto} is not what stayed at sealing"
        return broken[0] if broken else Break(last.upto, why)
