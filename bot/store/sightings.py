"""
Sightings: where the ledger tells of an alert, kept beside it so that nothing has to be searched.

They are no evidence: each is read off one entry and written in the same transaction. Whether they
fit the ledger is asked at every start, and `heal audit verify` compares each of them.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from sqlite_utils import Database

from bot.core import sighting

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


def astray(conn: sqlite3.Connection) -> int:
    """Return the first entry whose sighting is not what the entry says; 0 when all are right."""
    if not conn.execute("select 1 from sqlite_schema where name = 'sighting'").fetchone():
        return 0  # an extract, or a copy of an earlier version: it has none
    kept = conn.execute("select * from sighting order by seq")
    for said, held in zip_longest(_read(conn.execute(_ALL)), kept):
        if said != held:
            return min(int(one[0]) for one in (said, held) if one)
    return 0


_ALL = f"select seq, kind, body from entry where {IS_ONE} order by seq"  # noqa: S608 - a constant


def _read(rows: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int | str, ...]]:
    """Tell of each entry that has one what its row has to be."""
    for seq, kind, body in rows:
        if (found := sighting.of(kind, body)) is not None:
            yield (seq, *found)


def _fill(db: Database) -> None:
    db.conn.executemany("insert into sighting values (?, ?, ?, ?, ?)", _read(db.execute(_ALL)))
