"""
Extract: entries of a ledger in a SQLite file of their own, with what is needed to verify it alone.

Every entry keeps its place, its hash and the hash of the one before it, so an entry that was
changed shows, and so does one that was taken out of an unbroken run. What stood in a gap only the
ledger knows; the extract therefore says how long the ledger was and what its last hash was.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from bot.core.chain import Head, Row
from bot.core.errors import ConfigurationError
from bot.store.view import COLUMNS, HOLES

SCHEMA = """
    create table extract (
        made_at text not null,
        chosen text not null,
        entries integer not null,
        head_seq integer not null,
        head_hash text not null
    ) strict;
    create table entry (
        seq integer primary key,
        at text not null,
        incident text not null,
        actor text not null,
        kind text not null,
        key text not null unique,
        body text not null,
        prev text not null,
        hash text not null
    ) strict;
    create index entry_by_incident on entry (incident, kind);
"""


class Stated(NamedTuple):
    """What an extract says of itself; `head` is where the ledger ended when it was made."""

    made_at: str
    chosen: str
    entries: int
    head: Head


def write(to: Path, rows: Iterable[Row], made_at: str, chosen: str, head: Head) -> int:
    """Write a new file and return how many entries it holds; ConfigurationError when it cannot."""
    with ExitStack() as undo:
        try:
            os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            undo.callback(to.unlink)
            with closing(sqlite3.connect(to)) as conn, conn:
                conn.executescript(SCHEMA)
                conn.executemany(f"insert into entry ({COLUMNS}) values ({HOLES})", rows)  # noqa: S608 - constants
                (count,) = conn.execute("select count(*) from entry").fetchone()
                said = (made_at, chosen, count, *head)
                conn.execute("insert into extract values (?, ?, ?, ?, ?)", said)
        except FileExistsError:
            raise ConfigurationError(f"{to} is there already: name a new file") from None
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(f"{to} cannot be written: {error}") from error
        undo.pop_all()
    return int(count)


def stated(conn: sqlite3.Connection) -> Stated | None:
    """What a file says of itself, if it is an extract; None for a ledger."""
    named = "select 1 from sqlite_schema where type = 'table' and name = 'extract'"
    if conn.execute(named).fetchone() is None:
        return None
    found = conn.execute(
        "select made_at, chosen, entries, head_seq, head_hash from extract"
    ).fetchone()
    if not found:
        return Stated("", "", -1, Head(0, ""))
    made_at, chosen, count, *head = found
    return Stated(made_at, chosen, count, Head(*head))
