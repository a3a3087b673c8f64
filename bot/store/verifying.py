"""Verifying: whether a ledger file still says what was written, asked without touching it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from bot.core.chain import Break, Head, Row, Walk
from bot.core.errors import ConfigurationError
from bot.core.transcript import Entry
from bot.store.view import COLUMNS


@dataclass(frozen=True)
class Report:
    """How far the chain holds, and the first thing that is wrong with it, if anything is."""

    count: int
    head: Head
    broken: Break | None

    @property
    def sound(self) -> bool:
        return self.broken is None

    @property
    def line(self) -> str:
        """The verdict in one line, for the command line and the doctor."""
        if self.broken is None:
            return f"sound: {self.count} entries, the last is {self.head.hash}"
        return f"broken at entry {self.broken.seq}: {self.broken.why} ({self.count} before it hold)"


def verify(path: Path, head: Head | None = None) -> Report:
    """
    Walk the whole chain of a file, live or a copy; never raises for what it finds in there.

    What the chain alone cannot show is a tail cut off: pass the `head` that was remembered
    elsewhere. Blocks for about four seconds per million entries, so call it in a thread.
    """
    if not path.exists():
        return Report(0, Walk().head, Break(1, f"there is no file {path}"))
    walk = Walk(head)
    try:
        with closing(_read_only(path)) as conn:
            broken = next(filter(None, map(walk.fault, _rows(conn))), None)
    except sqlite3.Error as error:
        broken = Break(walk.head.seq + 1, f"the file cannot be read there: {error}")
    return Report(walk.head.seq, walk.head, broken or walk.shortfall())


def entries(path: Path, incident: str = "") -> Iterator[Entry]:
    """
    Read the entries of a file in their order, all or one incident's, without touching it.

    Nothing is proved by that: `verify` is. Raises ConfigurationError when it is no ledger.
    """
    where = "where incident = ?" if incident else ""
    try:
        with closing(_read_only(path)) as conn:
            found = conn.execute(
                f"select {COLUMNS} from entry {where} order by seq",  # noqa: S608 - constants
                [incident] if incident else [],
            )
            for row in found:
                yield Entry(**Row(*row)._asdict())
    except (sqlite3.Error, ValidationError) as error:
        raise ConfigurationError(f"{path} cannot be read as a ledger: {error}") from error


def _rows(conn: sqlite3.Connection) -> Iterator[Row]:
    """Read the rows as they lie there, without making anything of them."""
    return cast("Iterator[Row]", conn.execute(f"select {COLUMNS} from entry order by seq"))  # noqa: S608 - constants


def _read_only(path: Path) -> sqlite3.Connection:
    """
    Open without writing, not even side files.

    A copy on a medium that cannot be written has no side files, and needs `immutable`.
    """
    uri = path.absolute().as_uri()
    conn = sqlite3.connect(f"{uri}?mode=ro", uri=True)
    try:
        conn.execute("select 1 from sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        conn.close()
        if path.with_name(f"{path.name}-wal").exists():
            raise
        return sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True)
    return conn
