"""
Cargo: what a commit changes in the file, gathered by triggers that only its connection has.

The triggers note which rows were touched; what these say is read once, before the commit. They
stand in no schema: a file that was written so is a file like any other.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from bot.core.chain import Row
from bot.store.view import COLUMNS

APART = (
    *("entry", "sighting", "_sqlite_migrations", "followed"),
    *("leaving", "sealed_away"),
)
"""
The ledger, which is carried as it is; what is read off it; what each file has for itself: also
which entries it let go of, for Postgres and whoever is filled from it have all.
"""
LONGEST = 2000
"""Octets of an entry's key: an index of Postgres takes hardly more."""
_FITS = f"""
    create temp trigger entry_fits_the_database before insert on main.entry
    when length(cast(new.key as blob)) > {LONGEST} or instr(
        new.incident || new.actor || new.kind || new.key || new.body, char(0)) > 0
    begin
        select raise(abort, 'no entry of replicas has a NUL, or a key of over {LONGEST} octets');
    end
"""


class Table(NamedTuple):
    """A table of the file, and what tells its rows apart."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Carried(NamedTuple):
    """A row of a table as JSON, under its key as JSON; without one it is gone."""

    tab: str
    key: str
    row: str | None

    @property
    def name(self) -> str:
        """The key as an index holds it, however long it is."""
        return hashlib.sha256(self.key.encode()).hexdigest()


class Cargo(NamedTuple):
    """What one commit changes."""

    entries: Sequence[Row] = ()
    rows: Sequence[Carried] = ()


def tables(conn: sqlite3.Connection) -> list[Table]:
    """Every table of the file that is followed row by row."""
    named = "select name from pragma_table_list where schema = 'main' and type = 'table'"
    names = sorted(name for (name,) in conn.execute(named))
    return [
        _table(conn, name) for name in names if name not in APART and not name.startswith("sqlite_")
    ]


def _table(conn: sqlite3.Connection, name: str) -> Table:
    sql = "select name, pk from pragma_table_info(?)"
    columns = dict(conn.execute(sql, [name]).fetchall())
    key = sorted(filter(columns.get, columns), key=columns.__getitem__)
    if not key:
        raise ValueError(f"the table {name} cannot be followed: nothing tells its rows apart")
    return Table(name, tuple(columns), tuple(key))


def key(values: Sequence[object]) -> str:
    """Write down what tells a row apart, always the same way."""
    return json.dumps(values)


def packed(columns: Sequence[str], values: Sequence[Any]) -> str:
    """Write a row as JSON; what is no text goes as hex, so that all of it comes back."""
    row = {
        name: {"hex": value.hex()} if isinstance(value, bytes) else value
        for name, value in zip(columns, values, strict=True)
    }
    return json.dumps(row)


def unpacked(row: str) -> dict[str, Any]:
    """
    Read it again.

    >>> unpacked(packed(["id", "body"], [1, b"two"]))
    {'id': 1, 'body': b'two'}
    """
    return {
        name: bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
        for name, value in json.loads(row).items()
    }


class Capture:
    """Gathers what is changed through one connection; lives in the writer's thread."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._tables = {table.name: table for table in tables(conn)}
        conn.execute("pragma temp_store = memory")
        conn.execute("create temp table touched (tab text not null, key text not null) strict")
        conn.execute(_FITS)
        for table in self._tables.values():
            self._watch(table)
        self.forget()

    def take(self) -> Cargo:
        """Read what the open transaction changed, and begin anew; undone when that is undone."""
        sql = f"select {COLUMNS} from entry where seq > ? order by seq"  # noqa: S608 - constants
        entries = [Row._make(row) for row in self._conn.execute(sql, [self._seq])]
        touched = self._conn.execute("select distinct tab, key from temp.touched").fetchall()
        rows = [self._carried(self._tables[tab], json.loads(of)) for tab, of in touched]
        if touched:
            self._conn.execute("delete from temp.touched")
        return Cargo(entries, rows)

    def forget(self) -> None:
        """What is in the file is known elsewhere: only what is changed from now on is gathered."""
        self._conn.execute("delete from temp.touched")
        (self._seq,) = self._conn.execute("select coalesce(max(seq), 0) from entry").fetchone()

    def took(self, cargo: Cargo) -> None:
        """Note that this much was committed."""
        if cargo.entries:
            self._seq = cargo.entries[-1].seq

    def _watch(self, table: Table) -> None:
        for event, sides in (("insert", "new"), ("delete", "old"), ("update", "old new")):
            noted = " ".join(
                f"insert into touched values ('{table.name}', "  # noqa: S608 - names of our schema
                f"json_array({', '.join(f'{side}.{part}' for part in table.key)}));"
                for side in sides.split()
            )
            self._conn.execute(
                f"create temp trigger {table.name}_{event}_is_noted after {event} "
                f"on main.{table.name} begin {noted} end"
            )

    def _carried(self, table: Table, values: list[object]) -> Carried:
        where = " and ".join(f"{part} = ?" for part in table.key)
        sql = f"select {', '.join(table.columns)} from {table.name} where {where}"  # noqa: S608 - names of our schema
        row = self._conn.execute(sql, values).fetchone()
        return Carried(table.name, key(values), packed(table.columns, row) if row else None)
