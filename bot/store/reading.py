"""Reading: the entries of a ledger file, live or a copy, without touching it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from bot.core import chain
from bot.core.chain import Row
from bot.core.errors import ConfigurationError
from bot.core.transcript import Entry
from bot.store import segments
from bot.store.view import View


class Choice(NamedTuple):
    """
    Which entries: of one incident, of a service, with words, in `[since, until)`; empty means all.

    What only a look into the ledger can tell is added by choosing.py: `names` are the incidents
    (None = whichever), `house` the entries of the house (None = all), `whole` that each incident
    comes with all of its entries.
    """

    incident: str = ""
    since: datetime | None = None
    until: datetime | None = None
    service: str = ""
    environment: str = ""
    words: tuple[str, ...] = ()
    names: tuple[str, ...] | None = None
    house: tuple[int, ...] | None = None
    whole: bool = False

    @property
    def line(self) -> str:
        """What was chosen, for people."""
        said = [
            self.incident and f"incident {self.incident}",
            self.service and f"service {self.service}",
            self.environment and f"environment {self.environment}",
            self.words and f"words {' '.join(self.words)}",
            self.since and f"from {chain.stamp(self.since)}",
            self.until and f"before {chain.stamp(self.until)}",
        ]
        return ", ".join(word for word in said if word) or "everything"

    @property
    def where(self) -> tuple[str, list[str]]:
        """The same as SQL, with its values."""
        names = (self.incident,) if self.incident and self.names is None else self.names
        if names is None and self.house is None:
            return self.span
        within, values = ("true", []) if self.whole else self.span
        mine, those = "incident <> ''", list[str]()
        if names is not None:
            mine, those = "incident in (select value from json_each(?))", [json.dumps(names)]
        theirs, house = "false", list[str]()
        if self.house is not None:
            theirs, house = "seq in (select value from json_each(?))", [json.dumps(self.house)]
        return f"({mine} and {within}) or (incident = '' and {theirs})", [*those, *values, *house]

    @property
    def span(self) -> tuple[str, list[str]]:
        """Its time alone as SQL, with its values."""
        asked = {
            "at >= ?": self.since and chain.stamp(self.since),
            "at < ?": self.until and chain.stamp(self.until),
        }
        given = {term: value for term, value in asked.items() if value}
        return " and ".join(given) or "true", list(given.values())


def entries(path: Path, incident: str = "") -> Iterator[Entry]:
    """
    Read the entries of a file in their order, all or one incident's.

    Nothing is proved by that: `verifying.verify` is. ConfigurationError when it is no ledger.
    """
    with opened(path) as conn:
        yield from map(chain.entry, rows(conn, Choice(incident)))


def incident_of_plan(path: Path, digest: str) -> str:
    """Name the incident of the last plan whose hash begins so; empty when there is none."""
    if not re.fullmatch("[0-9a-f]{8,64}", digest):
        return ""
    with whole(path) as conn:
        found = conn.execute(
            "select incident from entry where kind = 'plan.made' "
            "and substr(json_extract(body, '$.digest'), 1, ?) = ? order by seq desc limit 1",
            [len(digest), digest],
        ).fetchone()
    return str(found[0]) if found else ""


def open_incidents(path: Path) -> list[Entry]:
    """Read the opening entry of every incident that was not closed, oldest first."""
    with opened(path) as conn:
        return View(Database(conn, execute_plugins=False)).open_incidents()


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open it for reading; what cannot be read is a ConfigurationError that names the file."""
    try:
        with closing(read_only(path)) as conn:
            yield conn
    except (sqlite3.Error, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read as a ledger: {error}") from error


@contextmanager
def whole(path: Path) -> Iterator[sqlite3.Connection]:
    """Open it so that its `entry` also holds what was sealed away, as far as that is here."""
    with opened(path) as conn:
        segments.gather(conn)
        yield conn


def rows(conn: sqlite3.Connection, choice: Choice = Choice()) -> Iterator[Row]:
    """
    Read the rows as they lie there, in their order, without making anything of them.

    Those that were sealed away are read from their segments, as far as these are there.
    """
    return segments.rows(conn, *choice.where)


def read_only(path: Path) -> sqlite3.Connection:
    """
    Open without writing to it; SQLite may lay its side files, empty, beside it.

    A copy on a medium that cannot be written has none, and needs `immutable`.
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
