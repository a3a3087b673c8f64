"""
Extract: entries of a ledger in a SQLite file of their own, with what is needed to verify it alone.

Every entry keeps its place, its hash and the hash of the one before it, so an entry that was
changed shows, and so does one that was taken out of an unbroken run. What stood in a gap only the
ledger knows; the extract therefore says how long the ledger was and what its last hash was.
"""

from __future__ import annotations

import heapq
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from operator import attrgetter
from pathlib import Path

from bot.core import showcase
from bot.core.chain import Head, Link, Row
from bot.core.errors import ConfigurationError
from bot.core.extracts import VERIFY, Part, Stated, Withheld
from bot.store import reading
from bot.store.view import COLUMNS, HOLES

SCHEMA = """
    create table extract (
        made_at text not null,
        chosen text not null,
        entries integer not null,
        head_seq integer not null,
        head_hash text not null,
        withheld integer not null,
        black text not null,
        made_by text not null,
        verify text not null,
        checkpoint text not null
    ) strict;
    create table proof (
        seq integer primary key,
        path text not null
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
    create table exhibit (key text primary key, octets blob not null) strict;
    create table withheld (
        seq integer primary key,
        prev text not null,
        hash text not null,
        why text not null,
        at text,
        incident text,
        actor text,
        kind text,
        key text,
        body text
    ) strict;
    create index entry_by_incident on entry (incident, kind);
"""
Look = Callable[[Row], bytes | None]
_STATED = "made_at, chosen, entries, head_seq, head_hash"
_SINCE = "withheld, black, made_by, checkpoint"
"""What extracts of Heal 0.1 do not say of themselves."""


def write(to: Path, parts: Iterable[Part], stated: Stated, look: Look = lambda _: None) -> Stated:
    """
    Write a new file; how many entries it holds is counted. ConfigurationError: it cannot be.

    `look` gives the contents of the exhibit that an entry tells of, if they are given away.
    """
    with ExitStack() as undo:
        try:
            os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            undo.callback(to.unlink)
            with closing(sqlite3.connect(to)) as conn, conn:
                conn.executescript(SCHEMA)
                for part in parts:
                    _put(conn, part, look)
                stated = _counted(conn, stated)
        except FileExistsError:
            raise ConfigurationError(f"{to} is there already: name a new file") from None
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(f"{to} cannot be written: {error}") from error
        undo.pop_all()
    return stated


def stated(conn: sqlite3.Connection) -> Stated | None:
    """What a file says of itself, if it is an extract; None for a ledger."""
    if not _there(conn, "extract"):
        return None
    names = {name for (name,) in conn.execute("select name from pragma_table_info('extract')")}
    more = _SINCE if "withheld" in names else "0, '', '', ''"
    found = conn.execute(f"select {_STATED}, {more} from extract").fetchone()  # noqa: S608 - constants
    kinds = (str, str, int, int, str, int, str, str, str)
    if not found or not all(map(isinstance, found, kinds)):
        return Stated("", "", -1, Head(0, ""))
    made_at, chosen, count, seq, hash_, withheld, black, by, signed = found
    words, head = tuple(black.splitlines()), Head(seq, hash_)
    return Stated(made_at, chosen, count, head, withheld, words, by, {}, signed, _paths(conn))


def parts(conn: sqlite3.Connection) -> Iterator[Part]:
    """Read what is in it, withheld entries in their places, as it lies there."""
    rows = reading.rows(conn)
    if not _there(conn, "withheld"):
        return rows
    return heapq.merge(rows, _withheld(conn), key=attrgetter("seq"))


def _put(conn: sqlite3.Connection, part: Part, look: Look) -> None:
    if isinstance(part, Row):
        conn.execute(f"insert into entry ({COLUMNS}) values ({HOLES})", part)  # noqa: S608 - constants
        if part.kind == showcase.KIND and (octets := look(part)) is not None:
            conn.execute("insert into exhibit values (?, ?)", [part.key, octets])
        return
    shown = part.shown[1:-2] if part.shown else [None] * 6
    conn.execute("insert into withheld values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 [*part.link, part.why, *shown])  # fmt: skip


def _counted(conn: sqlite3.Connection, stated: Stated) -> Stated:
    (entries,) = conn.execute("select count(*) from entry").fetchone()
    (withheld,) = conn.execute("select count(*) from withheld").fetchone()
    said = (stated.made_at, stated.chosen, entries, *stated.head, withheld)
    more = ("\n".join(stated.black), stated.by, VERIFY, stated.checkpoint)
    conn.execute("insert into extract values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [*said, *more])
    paths = ((seq, " ".join(path)) for seq, path in stated.paths.items())
    conn.executemany("insert into proof values (?, ?)", paths)
    return stated._replace(entries=entries, withheld=withheld)


def _withheld(conn: sqlite3.Connection) -> Iterator[Withheld]:
    for seq, prev, hash_, why, *shown in conn.execute("select * from withheld order by seq"):
        copy = None if shown[0] is None else Row._make((seq, *shown, prev, hash_))
        yield Withheld(Link(seq, prev, hash_), why, copy)


def _paths(conn: sqlite3.Connection) -> dict[int, tuple[str, ...]]:
    if not _there(conn, "proof"):
        return {}
    return {
        seq: tuple(str(path).split()) for seq, path in conn.execute("select seq, path from proof")
    }


def _there(conn: sqlite3.Connection, table: str) -> bool:
    named = "select 1 from sqlite_schema where type = 'table' and name = ?"
    return conn.execute(named, [table]).fetchone() is not None
