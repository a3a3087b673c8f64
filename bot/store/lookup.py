"""Lookup: what pages read, beside the event loop: lists, stories, proofs and reports."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from bot.core import chain, checkpoint, inclusion
from bot.core.chain import Head, Row
from bot.core.course import Course
from bot.core.errors import StoreUnavailable
from bot.core.inclusion import KEY_KIND, Proof
from bot.core.listing import Found, Listed, Names, Wanted
from bot.core.telling.page import Story
from bot.core.transcript import Entry
from bot.store import reading, register, segments, tiles
from bot.store.register import Register
from bot.store.view import COLUMNS, ENDS, JOINED, View

PAGE = 50
"""Incidents of one page."""
MOST_NAMES = 500
SEARCHED = """
    select rowid from told where told match ? and rowid < ? and rowid >= ?
    order by rowid desc limit ?
"""
LISTED = "select seq, course from run where seq < ? and seq >= ? order by seq desc limit ?"
SHOWN = "select seq, course from run where seq = ?"
SINCE = "select seq from run where opened_at >= ? order by opened_at limit 1"
COURSES = "select course from run where opened_at >= ? and opened_at < ? order by opened_at, seq"
LAST = (1 << 63) - 1
OF_KEYS = f"select {COLUMNS} from entry where incident = '' and kind = ? and seq <= ? order by seq"  # noqa: S608 - constants
BEFORE = "select hash from entry where seq = ?"


class Lookup:
    """All that pages ask, each in a thread; StoreUnavailable when a file cannot be read."""

    def __init__(self, ledger: Path, made: Register) -> None:
        self._ledger = ledger
        self._register = made

    async def follow(self) -> int:
        """Bring the list a step nearer to the ledger; how many entries it is behind then."""
        return await asyncio.to_thread(self._register.follow)

    async def find(self, wanted: Wanted) -> Found:
        """The page of a list that is wanted, the newest first."""
        return await asyncio.to_thread(self._find, wanted)

    async def names(self) -> Names:
        """What a list can be narrowed to."""
        return await asyncio.to_thread(self._names)

    async def story(self, incident: str) -> Story | None:
        """What is known of one, and how it stands in the chain; None when there is none."""
        return await asyncio.to_thread(self._story, incident)

    async def proof(self, incident: str) -> Proof | None:
        """The proof that its entries were signed; None while no checkpoint covers one of them."""
        return await asyncio.to_thread(self._proof, incident)

    async def between(self, since: datetime, until: datetime) -> list[Course]:
        """How each went that was opened in `[since, until)`, oldest first."""
        return await asyncio.to_thread(self._between, since, until)

    def _find(self, wanted: Wanted) -> Found:
        behind = self._register.follow()
        with self._register.opened() as conn:
            low = _place(conn, wanted.since, 0)
            high = min(wanted.before or LAST, _place(conn, wanted.until, LAST))
            if asked := _match(wanted):
                found = conn.execute(SEARCHED, [asked, high, low, PAGE + 1])
                rows = [conn.execute(SHOWN, one).fetchone() for one in found.fetchall()]
            elif wanted.words.strip():
                rows = []
            else:
                rows = conn.execute(LISTED, [high, low, PAGE + 1]).fetchall()
        those = [Listed(seq, register.read(course)) for seq, course in rows[:PAGE]]
        return Found(those, more=len(rows) > PAGE, behind=behind)

    def _names(self) -> Names:
        sql = "select name from name where what = ? order by name limit ?"
        with self._register.opened() as conn:
            known = ([name for (name,) in conn.execute(sql, [what, MOST_NAMES])]
                     for what in ("service", "environment", "runbook"))  # fmt: skip
            return Names(*known)

    def _between(self, since: datetime, until: datetime) -> list[Course]:
        self._register.follow()
        with self._register.opened() as conn:
            found = conn.execute(COURSES, [chain.stamp(since), chain.stamp(until)])
            return [register.read(course) for (course,) in found]

    def _story(self, incident: str) -> Story | None:
        with reading.opened(self._ledger) as conn:
            entries, left_out = _told(conn, incident)
            if not entries:
                return None
            head = conn.execute(register.HEAD).fetchone()
            return Story(entries, left_out, Head(*head), _astray(conn, entries))

    def _proof(self, incident: str) -> Proof | None:
        with reading.opened(self._ledger) as conn, self._register.opened() as made:
            newest = "select note from checkpoint order by size desc limit 1"
            try:
                found = conn.execute(newest).fetchone()
            except sqlite3.OperationalError:  # a copy of an earlier version
                return None
            if found is None:
                return None
            signed = checkpoint.read(found[0])
            size = signed.checkpoint.size
            entries, _ = _told(conn, incident)
            mine = [chain.row(one) for one in entries if one.seq <= size]
            if not mine:
                return None
            keys = map(Row._make, conn.execute(OF_KEYS, [KEY_KIND, size]))
            rows = sorted({*mine, *keys})
            try:
                path = tiles.tree(made, conn, size).inclusion
                return inclusion.prove(incident, rows, signed, path)
            except KeyError as error:
                raise StoreUnavailable(f"a part of the ledger is not here: {error}") from error


def _told(conn: sqlite3.Connection, incident: str) -> tuple[Sequence[Entry], int]:
    """Read its entries without the middle of the alerts that joined, also what was sealed away."""
    if segments.keeps(conn) and (gone := segments.story(conn, incident)) is not None:
        of = f"select {COLUMNS} from entry where incident = ? order by seq"  # noqa: S608 - constants
        left = map(Row._make, conn.execute(of, [incident]))
        return _brief([chain.entry(row) for row in segments.together(gone, left)])
    brief = View(Database(conn, execute_plugins=False)).brief(incident)
    return brief.entries, brief.left_out


def _brief(entries: list[Entry]) -> tuple[list[Entry], int]:
    joined = [entry.seq for entry in entries if entry.kind == JOINED]
    middle = set(joined[ENDS:-ENDS])
    return [entry for entry in entries if entry.seq not in middle], len(middle)


def _astray(conn: sqlite3.Connection, entries: Sequence[Entry]) -> str:
    """What is wrong with their hashes, and with what stands before each; empty when nothing is."""
    for entry in entries:
        if chain.hashed(chain.row(entry)) != entry.hash:
            return f"entry {entry.seq} is not what its hash says"
        before = conn.execute(BEFORE, [entry.seq - 1]).fetchone()
        if before is not None and before[0] != entry.prev:
            return f"entry {entry.seq} does not follow entry {entry.seq - 1}"
    return ""


def _place(conn: sqlite3.Connection, at: datetime | None, otherwise: int) -> int:
    """Where in the list a moment is; `otherwise` without one, the end when none is so late."""
    if at is None:
        return otherwise
    found = conn.execute(SINCE, [chain.stamp(at)]).fetchone()
    return int(found[0]) if found else LAST


def _match(wanted: Wanted) -> str:
    """The same as FTS5 takes it: every word is quoted, so that nothing in it is an operator."""
    terms = [f'words : "{word.rstrip("*")}"{"*" * word.endswith("*")}' for word in wanted.terms]
    for what, name in wanted.named.items():
        terms.append(f'tags : "{register.tag(what, name)}"')
    return " AND ".join(terms)
