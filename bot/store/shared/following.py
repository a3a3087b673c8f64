"""
Following: bring a file to what Postgres says, whatever it held before, or refuse to.

Entries follow by their number, for they never change; all else by the number of the commit that
changed it last. A file that knows this database takes only what is new; any other, also one that
was written alone meanwhile, has everything but its ledger laid down anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from bot.clients.postgres import Session
from bot.core.chain import GENESIS, Head, Row, Walk
from bot.core.errors import ConfigurationError
from bot.store import sightings
from bot.store.shared import cargo
from bot.store.view import INSERT

PAGE, ROWS = 250, 50
"""Entries, and rows, that are read at once: a copy of any length takes as much memory."""
_PLACE = """
    create table if not exists followed (
        one integer primary key check (one = 1),
        ledger text not null,
        lsn integer not null
    ) strict
"""


class Place(NamedTuple):
    """Up to which commit of which ledger something goes; 0 = there was none yet."""

    ledger: str = ""
    lsn: int = 0
    pruned: int = 0


class Reached(NamedTuple):
    """Where a file stands now, and what it took to get there."""

    place: Place
    head: Head
    entries: int = 0
    rows: int = 0


def catch_up(conn: sqlite3.Connection, session: Session) -> Reached:
    """
    Bring the file to what the database says, in one transaction of each; idempotent.

    Nothing is done while the database is empty. Raises ConfigurationError when the file's ledger
    says what the database's does not, Away or Refused, or what SQLite raises on a full disk.
    """
    here = place(conn)
    there = _there(session)
    if not there.lsn or (here.ledger, here.lsn) == (there.ledger, there.lsn):
        return Reached(there, _head(conn))
    with session.snapshot():
        there = _there(session)
        head = _head(conn)
        insist(session, conn, head)
        knows = here.ledger == there.ledger and there.pruned <= here.lsn <= there.lsn
        with _laying(conn):
            entries = _entries(conn, session, head)
            if not knows:
                for table in cargo.tables(conn):
                    conn.execute(f"delete from {table.name}")  # noqa: S608 - names of our schema
            rows = _rows(conn, session, here.lsn if knows else -1)
            note(conn, there)
    return Reached(there, _head(conn), entries, rows)


def standing(conn: sqlite3.Connection) -> Reached:
    """Where the file stands, whatever the database says."""
    return Reached(place(conn), _head(conn))


def place(conn: sqlite3.Connection) -> Place:
    """Up to where the file follows, by its own account."""
    conn.execute(_PLACE)
    found = conn.execute("select ledger, lsn from followed").fetchone()
    return Place(*found) if found else Place()


def note(conn: sqlite3.Connection, reached: Place) -> None:
    """Note it in the file, in the transaction that brings it there."""
    sql = "insert into followed values (1, ?, ?) on conflict do update set ledger = ?, lsn = ?"
    conn.execute(sql, [reached.ledger, reached.lsn, reached.ledger, reached.lsn])


def forget(conn: sqlite3.Connection) -> None:
    """The file is written alone from here on: how far it followed says nothing any more."""
    if conn.execute("select 1 from sqlite_schema where name = 'followed'").fetchone():
        conn.execute("delete from followed")


def insist(session: Session, conn: sqlite3.Connection, head: Head) -> None:
    """Raise ConfigurationError, which names the first, when an entry here is not one there."""
    if not head.seq or _hash(session, head.seq) == head.hash:
        return
    last = "select seq, hash from entry where seq <= ? order by seq desc limit 1"
    low, high = 0, head.seq  # the chain agrees up to `low`, and does not at `high`
    while high - low > 1:
        middle = (low + high) // 2
        seq, ours = conn.execute(last, [middle]).fetchone() or (0, "")
        if seq <= low or _hash(session, seq) == ours:
            low = middle  # what was sealed away between them, the next entry speaks for
        else:
            high = seq
    how = "says something else there" if _hash(session, high) else "does not have it"
    raise ConfigurationError(
        f"from entry {high} on this file is not a copy of the ledger in Postgres, which {how}: "
        "keep the file as evidence by moving it away (with its -wal and -shm files), and start "
        "again with an empty one, which is filled from Postgres"
    )


def _there(session: Session) -> Place:
    ((ledger, lsn, pruned),) = session.rows("select ledger, lsn, pruned from heal_state")
    return Place(ledger, lsn, pruned)


def _head(conn: sqlite3.Connection) -> Head:
    found = conn.execute("select seq, hash from entry order by seq desc limit 1").fetchone()
    return Head(*found) if found else Head(0, GENESIS)


def _hash(session: Session, seq: int) -> str:
    found = session.rows("select hash from heal_entry where seq = %s", [seq])
    return str(found[0][0]) if found else ""


@contextmanager
def _laying(conn: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing; what hangs on a row that goes is told by its own row."""
    conn.execute("pragma foreign_keys = off")
    try:
        conn.execute("begin immediate")
        yield
        conn.execute("commit")
    finally:
        if conn.in_transaction:
            conn.rollback()
        conn.execute("pragma foreign_keys = on")


def _entries(conn: sqlite3.Connection, session: Session, head: Head) -> int:
    walk = Walk()
    walk.head = head
    while found := session.rows(
        "select seq, at, incident, actor, kind, key, body, prev, hash from heal_entry "
        "where seq > %s order by seq limit %s",
        [walk.head.seq, PAGE],
    ):
        page = [Row._make(row) for row in found]
        for row in page:
            if broken := walk.fault(row):
                raise ConfigurationError(
                    f"the ledger in Postgres is broken at entry {broken.seq}: {broken.why}; a file "
                    "of another replica, which `heal audit verify` calls sound, has it as it was"
                )
        conn.executemany(INSERT, page)
        for row in page:
            sightings.note(conn, row.seq, row.kind, row.body)
    return walk.count


def _rows(conn: sqlite3.Connection, session: Session, since: int) -> int:
    """Take over what changed since then; first what is gone, for others may have its words now."""
    known = {table.name: table for table in cargo.tables(conn)}
    count = 0
    for tab, key, row in _changed(session, since):
        table = known.get(tab)
        if table is None:
            continue  # a table that a later version dropped
        count += 1
        if row is None:
            _remove(conn, table, key)
        else:
            _put(conn, table, row)
    return count


def _changed(session: Session, since: int) -> Iterator[tuple[str, str, str | None]]:
    for gone in (True, False):
        after: tuple[int, str, str] = (since + 1, "", "")
        while found := session.rows(
            "select lsn, tab, name, key, row from heal_row "
            "where (row is null) = %s and (lsn, tab, name) > (%s, %s, %s) "
            "order by lsn, tab, name limit %s",
            [gone, *after, ROWS],
        ):
            yield from ((tab, key, row) for _, tab, _, key, row in found)
            after = found[-1][:3]


def _remove(conn: sqlite3.Connection, table: cargo.Table, key: str) -> None:
    where = " and ".join(f"{part} = ?" for part in table.key)
    conn.execute(
        f"delete from {table.name} where {where}",  # noqa: S608 - names of our schema
        json.loads(key),
    )


def _put(conn: sqlite3.Connection, table: cargo.Table, row: str) -> None:
    """Lay a row down without deleting the one before, for others hang on it."""
    columns = {name: said for name, said in cargo.unpacked(row).items() if name in table.columns}
    names, holes = ", ".join(columns), ", ".join("?" * len(columns))
    kept = ", ".join(f"{name} = excluded.{name}" for name in columns)
    conn.execute(
        f"insert into {table.name} ({names}) values ({holes}) "  # noqa: S608 - names of our schema
        f"on conflict ({', '.join(table.key)}) do update set {kept}",
        list(columns.values()),
    )
