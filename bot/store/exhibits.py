"""
Exhibits: contents that the ledger proves by their hash, each under the key of its entry.

They lie in a table beside the entries, leave it with them into a sealed segment, and are handed
out only while they are what the ledger says.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bot.core import exhibit, facts, showcase
from bot.core.chain import Break, Row
from bot.core.errors import StoreUnavailable
from bot.core.exhibit import Exhibit
from bot.core.facts import Exhibited
from bot.core.transcript import Draft, Entry
from bot.store import reading, segments

KIND, TABLE = showcase.KIND, "exhibit"


Keep = Callable[[Sequence[tuple[Draft, bytes]]], Awaitable[list[tuple[Entry, bool]]]]
"""Ledger.keep."""


class Exhibits:
    """For the process that owns the ledger of this path."""

    def __init__(self, path: Path, keep: Keep) -> None:
        self._path = path
        self._keep = keep

    async def keep(self, those: Sequence[tuple[Draft, bytes]]) -> list[tuple[Entry, bool]]:
        """
        Record that these are kept, and keep their contents, all in one commit or none.

        Returns what stands under each key. Raises ValueError when a draft is of something else,
        StoreUnavailable as ever.
        """
        for draft, octets in those:
            said = facts.read(draft.body)
            if not isinstance(said, Exhibited) or not exhibit.fits(said, octets):
                raise ValueError(f"{draft.key} does not say what its contents are")
        return await self._keep(those)

    async def evidence(self, incident: str) -> list[Exhibit]:
        """
        Read what an incident has to show, in its order, off the file without holding up writes.

        What is not here any more, or is not what the ledger says of it, is left out.
        """
        return await asyncio.to_thread(self._of, incident)

    def _of(self, incident: str) -> list[Exhibit]:
        try:
            with closing(reading.read_only(self._path)) as conn:
                return list(of(conn, incident))
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path} cannot be read: {error}") from error


def of(conn: sqlite3.Connection, incident: str) -> Iterator[Exhibit]:
    """Read the exhibits of an incident, also those that were sealed away, as far as they hold."""
    sql = f"select {segments.COLUMNS} from entry where incident = ? and kind = ? order by seq"  # noqa: S608 - constants
    left = map(Row._make, conn.execute(sql, [incident, KIND]))
    gone = (segments.story(conn, incident) or []) if segments.keeps(conn) else []
    known = {row.seq: row for row in (*gone, *left) if row.kind == KIND}
    for _, row in sorted(known.items()):
        said, octets = showcase.said(row), contents(conn, row.key)
        if said is not None and octets is not None and exhibit.fits(said, octets):
            yield Exhibit(said, octets)


def contents(conn: sqlite3.Connection, key: str) -> bytes | None:
    """Read the contents of this key, wherever they lie; None when they are not here."""
    if (octets := _here(conn, key)) is not None or not segments.keeps(conn):
        return octets
    for seal in segments.seals(conn):
        path = segments.place(conn, seal)
        if path.is_file():
            with closing(segments.opened(path)) as segment:
                if (octets := _here(segment, key)) is not None:
                    return octets
    return None


def sealed(conn: sqlite3.Connection) -> Iterator[tuple[str, bytes]]:
    """Read the keys and contents that were sealed away, as far as these files are here."""
    for seal in segments.seals(conn):
        path = segments.place(conn, seal)
        if path.is_file():
            with closing(segments.opened(path)) as segment:
                if there(segment):
                    yield from segment.execute("select key, octets from exhibit")


def astray(conn: sqlite3.Connection, *, whole: bool = True) -> Break | None:
    """
    Say which entry's contents in this file are gone, or are not what it says; None = all fit.

    Of a file that is not `whole`, contents may have been left out.
    """
    if not there(conn):
        return None
    sql = f"select {segments.COLUMNS} from entry where kind = '{KIND}' order by seq"  # noqa: S608 - constants
    for row in map(Row._make, conn.execute(sql)):
        said, octets = showcase.said(row), _here(conn, row.key)
        if said is None:
            continue  # a later version wrote it
        if octets is None and whole:
            return Break(row.seq, f"the contents of the exhibit {said.name} are not here")
        if octets is not None and not exhibit.fits(said, octets):
            return Break(row.seq, f"the exhibit {said.name} is not what was recorded")
    return None


def there(conn: sqlite3.Connection) -> bool:
    """Whether this file has the table: what earlier versions wrote has none."""
    known = "select 1 from sqlite_schema where type = 'table' and name = ?"
    return conn.execute(known, [TABLE]).fetchone() is not None


def _here(conn: sqlite3.Connection, key: str) -> bytes | None:
    if not there(conn):
        return None
    found = conn.execute("select octets from exhibit where key = ?", [key]).fetchone()
    return bytes(found[0]) if found else None
