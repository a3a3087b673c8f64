"""
Sightings: where the ledger tells of an alert, kept beside it so that nothing has to be searched.

They are no evidence: each is read off one entry and written in the same transaction. Whether they
fit the ledger is asked at every start, and `heal audit verify` compares each of them.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator

from sqlite_utils import Database

from bot.core import sighting
from bot.core.chain import Octets, Row

IS_ONE = "kind in ('incident.opened', 'alert.joined')"
log = logging.getLogger(__name__)


def lay_down(db: Database) -> None:
    """Make the table for a ledger that may hold entries already."""
    db.executescript(f"""
        create table sighting (
            seq integer primary key references entry (seq),
            trouble text not null,
            alert text not null,
            undoes text not null,
            again_for text not null
        ) strict;
        create index sighting_by_trouble on sighting (trouble) where trouble <> '';
        create index sighting_by_alert on sighting (alert);
        create index sighting_by_undone on sighting (undoes) where undoes <> '';
        create index sighting_by_again on sighting (again_for) where again_for <> '';
        create index entry_sighted on entry (seq) where {IS_ONE};
    """)
    _fill(db)


def note(conn: sqlite3.Connection, seq: int, kind: str, body: str) -> None:
    """Keep what an entry is found by, in the transaction that adds the entry."""
    if (found := sighting.of(kind, body)) is not None:
        conn.execute("insert into sighting values (?, ?, ?, ?, ?)", [seq, *found])


def insist(db: Database) -> None:
    """Read them off the ledger again when there is not one for each entry that has one."""
    ((held, due),) = db.execute(
        f"select (select count(*) from sighting), (select count(*) from entry where {IS_ONE})"  # noqa: S608 - a constant
    ).fetchall()
    if held != due:
        log.error("%d sightings were kept of %d entries: they are read off again", held, due)
        db.execute("delete from sighting")
        _fill(db)


_Kept = tuple[int, bytes, bytes, bytes, bytes]


class Comparison:
    """
    What is kept here, compared with entries while somebody reads all of them in their order.

    `astray` is the first entry whose sighting is not what it says, 0 while all are right. Begin it
    before the reading, on the same connection: then both see the ledger of one moment.
    """

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.astray = 0
        self._kept = conn.execute(_KEPT) if _there(conn) else None

    def take(self, rows: Iterable[Row | Octets]) -> None:
        """Compare what is kept of the next entries: all at once, as a million are walked."""
        if self._kept is None or self.astray:
            return
        due = [_due(row) for row in rows if row[4] in _KINDS]
        if due and (held := self._next(len(due))) != due:
            differ = next(n for n, one in enumerate(due) if held[n : n + 1] != [one])
            self.astray = min(one[0] for one in (due[differ], *held[differ : differ + 1]))

    def end(self) -> None:
        """Say that there are no more entries: nothing may be kept of others."""
        if self._kept is not None and not self.astray and (held := self._next(1)):
            self.astray = held[0][0]

    def _next(self, count: int) -> list[_Kept]:
        """Read so many more that are kept; what cannot be read is none."""
        try:
            return self._kept.fetchmany(count) if self._kept else []
        except sqlite3.Error:
            return []


def _due(row: Row | Octets) -> _Kept:
    """Say what is to be kept of an entry that has one."""
    found = sighting.of(_KINDS[row[4]], row[6]) or sighting.Sighting()
    trouble, alert, undoes, again_for = map(str.encode, found)
    return row[0], trouble, alert, undoes, again_for


_KINDS = {kind: kind for kind in sighting.KINDS} | {kind.encode(): kind for kind in sighting.KINDS}
"""By the text and by its octets, as rows of either form have it."""
_OCTETS = ", ".join(f"cast({one} as blob)" for one in sighting.Sighting._fields)
_KEPT = f"select seq, {_OCTETS} from sighting order by seq"  # noqa: S608 - constants


def _there(conn: sqlite3.Connection) -> bool:
    """An extract, or a copy of an earlier version, has none."""
    return bool(conn.execute("select 1 from sqlite_schema where name = 'sighting'").fetchone())


_ALL = f"select seq, kind, body from entry where {IS_ONE} order by seq"  # noqa: S608 - a constant


def _read(rows: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int | str, ...]]:
    """Tell of each entry that has one what its row has to be."""
    for seq, kind, body in rows:
        if (found := sighting.of(kind, body)) is not None:
            yield (seq, *found)


def _fill(db: Database) -> None:
    db.conn.executemany("insert into sighting values (?, ?, ?, ?, ?)", _read(db.execute(_ALL)))
