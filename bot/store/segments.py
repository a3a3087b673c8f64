"""
Segments: entries that were sealed away into files beside the ledger, read as if they were in it.

Which there are the ledger itself says, in its entries `ledger.sealed`. A file that is not there
any more is passed over: what the ledger kept of its entries is read instead.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

from bot.core.chain import Row
from bot.core.facts import LedgerSealed

COLUMNS = ", ".join(Row._fields)
SEALS = "select body from entry where kind = 'ledger.sealed' order by seq"
WHOLE = """
    create temp table entry (
        seq integer primary key, at text, incident text, actor text, kind text, key text, body text,
        prev text, hash text
    );
    create index temp.whole_by_incident on entry (incident, kind);
    create index temp.whole_by_kind on entry (kind);
"""
Values = Sequence[str | int]


def seals(conn: sqlite3.Connection) -> list[LedgerSealed]:
    """Read what was sealed away, oldest first; ValueError when an entry does not say it."""
    if not keeps(conn):
        return []
    return [LedgerSealed.model_validate_json(body) for (body,) in conn.execute(SEALS)]


def keeps(conn: sqlite3.Connection) -> bool:
    """Whether this is a ledger that may have let go of entries: an extract never does."""
    known = "select 1 from sqlite_schema where name = 'sealed_away'"
    return conn.execute(known).fetchone() is not None


def place(conn: sqlite3.Connection, seal: LedgerSealed) -> Path:
    """Where the file of a seal should be: beside the ledger."""
    ((ledger,),) = conn.execute("select file from pragma_database_list where name = 'main'")
    return Path(ledger).with_name(Path(seal.file).name)


def here(ledger: Path, folder: Path) -> list[Path]:
    """Which segments of a ledger's file lie in this folder."""
    with closing(sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        names = [Path(seal.file).name for seal in seals(conn)]
    return [folder / name for name in names if (folder / name).is_file()]


def opened(path: Path) -> sqlite3.Connection:
    """Open a segment, which nobody ever writes to."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def rows(conn: sqlite3.Connection, where: str, values: Values) -> Iterator[Row]:
    """Read the rows of a ledger and its segments, in their order, that `where` chooses."""
    last, asked = 0, f"select {COLUMNS} from entry where ({where}) and seq > ? {{}} order by seq"  # noqa: S608 - where is ours
    for seal in seals(conn):
        within, span = asked.format("and seq <= ?"), [*values, last, seal.upto]
        path = place(conn, seal)
        if path.is_file():
            with closing(opened(path)) as segment:
                yield from _made(segment.execute(within, span))
        else:
            yield from _made(conn.execute(within, span))
        last = seal.upto
    yield from _made(conn.execute(asked.format(""), [*values, last]))


def gather(conn: sqlite3.Connection) -> None:
    """
    Let this connection see the ledger as if nothing had been sealed: its `entry` is all of it.

    That takes a copy in a temporary file, and is only done when a segment is there.
    """
    there = [(seal, place(conn, seal)) for seal in seals(conn)]
    if not any(path.is_file() for _, path in there):
        return
    conn.executescript(WHOLE)
    spans = [(path if path.is_file() else None, one.first, one.upto) for one, path in there]
    copy = f"insert into temp.entry select {COLUMNS} from {{}}.entry where seq between ? and ?"  # noqa: S608 - constants
    for path, *span in (*spans, (None, there[-1][0].upto + 1, sys.maxsize)):
        if path is not None:
            conn.execute("attach ? as segment", [f"{path.absolute().as_uri()}?mode=ro&immutable=1"])
        conn.execute(copy.format("main" if path is None else "segment"), span)
        conn.commit()
        if path is not None:
            conn.execute("detach segment")


def missing(conn: sqlite3.Connection) -> list[LedgerSealed]:
    """What is sealed in files that are not here."""
    return [seal for seal in seals(conn) if not place(conn, seal).is_file()]


def story(conn: sqlite3.Connection, incident: str) -> list[Row] | None:
    """
    Read the rows of an incident that the ledger let go of; none when a file of it is not here.

    None when it let go of nothing of it: then all of it lies in the ledger.
    """
    sql = "select first, last from sealed_away where incident = ?"
    spans = conn.execute(sql, [incident]).fetchall()
    if not spans:
        return None
    found: list[Row] = []
    for seal in seals(conn):
        if not any(first <= seal.upto and last >= seal.first for first, last in spans):
            continue
        path = place(conn, seal)
        if not path.is_file():
            return []
        with closing(opened(path)) as segment:
            mine = f"select {COLUMNS} from entry where incident = ?"  # noqa: S608 - constants
            found += _made(segment.execute(mine, [incident]))
    return found


def find(conn: sqlite3.Connection, key: str) -> Row | None:
    """Read the entry of this key, if the ledger let go of it and its file is here."""
    gone = story(conn, key.partition(":")[0]) or []
    return next((row for row in gone if row.key == key), None)


def together(gone: Iterable[Row], left: Iterable[Row]) -> list[Row]:
    """
    Put an incident's rows in order: those that the ledger let go of, and those `left` in it.

    None at all while nothing of what is gone is here: half of a story tells another one.
    """
    found = {row.seq: row for row in gone}
    found |= {row.seq: row for row in left} if found else {}
    return [found[seq] for seq in sorted(found)]


def _made(found: sqlite3.Cursor) -> Iterator[Row]:
    return map(Row._make, cast("Iterator[tuple[object, ...]]", found))
