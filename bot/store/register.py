"""
Register: a list of all incidents beside the ledger, by which pages find some of them at once.

It is made of the ledger, which is only read, and follows it; it may be thrown away at any time and
is then made anew. Nobody is let wait for it by a write: it costs a ledger without pages nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.core import chain, listing
from bot.core.approval import Ending
from bot.core.course import Course
from bot.core.errors import StoreUnavailable
from bot.core.lifecycle import Event
from bot.core.policy.verdict import Ruling
from bot.store import courses, reading, tiles

VERSION = 1
WINDOW = 20_000
"""Entries that are taken in at once: a fraction of a second."""
SCHEMA = f"""
    create table place (
        through integer not null,
        hash text not null
    ) strict;
    create table run (
        seq integer primary key,
        incident text not null unique,
        opened_at text not null,
        course text not null
    ) strict;
    create index run_by_time on run (opened_at);
    create table name (
        what text not null,
        name text not null,
        primary key (what, name)
    ) strict, without rowid;
    create virtual table told using fts5 (words, tags);
    create table tile (number integer primary key, hash blob not null) strict;
    insert into place values (0, '');
    pragma user_version = {VERSION};
"""  # noqa: S608 - constants
HEAD = "select seq, hash from entry order by seq desc limit 1"
TOUCHED = """
    select distinct incident from entry where seq > ? and seq <= ? and incident <> ''
"""
BY = """
    select incident, min(seq), group_concat(distinct actor) from entry
    where incident in (select value from json_each(?)) group by incident
"""
log = logging.getLogger(__name__)


class Register:
    """The file; `follow` is called in a thread, and one at a time has its way."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self.path = ledger.with_name(f"{ledger.name}.runs")
        self._turn = threading.Lock()

    def follow(self) -> int:
        """Take in what was recorded since; how many entries are left, for the next time."""
        with self._turn:
            try:
                return self._follow()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):  # locked, or no room: not torn
                    raise StoreUnavailable(f"{self.path} cannot be written: {error}") from error
                log.warning("%s is damaged and made anew: %s", self.path, error)
                self._discard()
                return self._follow()

    def _follow(self) -> int:
        with self.opened() as conn, reading.opened(self._ledger) as ledger:
            head = ledger.execute(HEAD).fetchone() or (0, "")
            through = self._known(conn, ledger, head[0])
            if through < head[0]:
                upto = min(head[0], through + WINDOW)
                source = reading.whole if through == 0 else reading.opened
                with source(self._ledger) as told, conn:
                    _take(conn, told, through, upto)
                through = upto
            with conn:
                tiles.add(conn, ledger)
        return int(head[0] - through)

    def _known(self, conn: sqlite3.Connection, ledger: sqlite3.Connection, head: int) -> int:
        """Up to which entry it is made; it begins anew where the ledger is another one."""
        through, hash_ = conn.execute("select through, hash from place").fetchone()
        if through == 0:
            return 0
        here = ledger.execute("select hash from entry where seq = ?", [through]).fetchone()
        sealed = here is None and through <= head
        if sealed or (here is not None and here[0] == hash_):
            return int(through)
        log.warning("%s was made of another ledger and is made anew", self.path)
        with conn:
            for table in ("run", "name", "told", "tile"):
                conn.execute(f"delete from {table}")  # noqa: S608 - constants
            conn.execute("update place set through = 0, hash = ''")
        return 0

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """Open it, laid down if it is not there or of another version."""
        with closing(self._connected()) as conn:
            (version,) = conn.execute("pragma user_version").fetchone()
            if version != VERSION:
                if version:
                    conn.close()
                    self._discard()
                    with self.opened() as anew:
                        yield anew
                    return
                conn.executescript(f"begin immediate; {SCHEMA} commit;")
            yield conn

    def _connected(self) -> sqlite3.Connection:
        if not self.path.exists():
            with contextlib.suppress(FileExistsError):
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        conn = sqlite3.connect(self.path, timeout=5)
        conn.executescript("pragma journal_mode = wal; pragma synchronous = normal;")
        return conn

    def _discard(self) -> None:
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)


def tag(what: str, name: str) -> str:
    """
    Make one word of a name, whatever signs are in it, that no word of a person's is like.

    >>> tag("service", "shop") != tag("runbook", "shop")
    True
    """
    return f"{what}{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def read(course: str) -> Course:
    """Read one as it lies there."""
    told: dict[str, Any] = json.loads(course)
    for name, made in _MADE.items():
        if (value := told.get(name)) is not None:
            told[name] = made(value)
    return Course(**told)


def _take(conn: sqlite3.Connection, ledger: sqlite3.Connection, through: int, upto: int) -> None:
    """Write anew what these entries are about, as far as it went by now."""
    names = [name for (name,) in ledger.execute(TOUCHED, [through, upto])]
    told = {one.incident: one for one in courses.of(ledger, names)}
    for name, seq, actors in ledger.execute(BY, [json.dumps(names)]):
        if (course := told.get(name)) is not None:  # else another version wrote its opening
            _put(conn, seq, course, actors)
    (hash_,) = ledger.execute("select hash from entry where seq = ?", [upto]).fetchone()
    conn.execute("update place set through = ?, hash = ?", [upto, hash_])


def _put(conn: sqlite3.Connection, seq: int, course: Course, actors: str) -> None:
    at = chain.stamp(course.opened_at)
    conn.execute("insert or replace into run values (?, ?, ?, ?)",
                 [seq, course.incident, at, _written(course)])  # fmt: skip
    tags = [tag("state", kind) for kind in listing.kinds(course)]
    for what in listing.NAMES[1:]:
        if name := getattr(course, what):
            tags.append(tag(what, name))
            conn.execute("insert or ignore into name values (?, ?)", [what, name])
    words = " ".join((
        course.incident, course.incident.replace("inc-", "run-", 1), course.title, course.service,
        course.environment, course.alert, course.severity, course.runbook, *course.because,
        course.why_none, course.says, course.escalated_to, listing.standing(course), actors,
    ))  # fmt: skip
    conn.execute("delete from told where rowid = ?", [seq])
    conn.execute("insert into told (rowid, words, tags) values (?, ?, ?)",
                 [seq, words, " ".join(tags)])  # fmt: skip


def _written(course: Course) -> str:
    """As JSON, without what is as it is unless something is known."""
    told = course._asdict()
    plain = {
        name: chain.stamp(value) if isinstance(value, datetime) else value
        for name, value in told.items()
        if name not in _DEFAULTS or value != _DEFAULTS[name]
    }
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


_DEFAULTS = Course._field_defaults
_MADE: dict[str, Callable[[Any], object]] = {
    "because": tuple,
    "ruling": Ruling,
    "ending": Ending,
    "event": Event,
    **dict.fromkeys(
        (name for name in Course._fields if name.endswith("_at")), datetime.fromisoformat
    ),
}
