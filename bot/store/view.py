"""View: the ledger as one transaction sees it; the only place that adds an entry to the chain."""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils import Database

from bot.core import chain
from bot.core.chain import GENESIS, Head
from bot.core.transcript import Draft, Entry
from bot.store import sightings

COLUMNS = ", ".join(chain.Row._fields)
HOLES = ", ".join("?" * len(chain.Row._fields))
INSERT = f"insert into entry ({COLUMNS}) values ({HOLES})"  # noqa: S608 - constants
BEFORE = f"""
    select last.seq, last.hash, {", ".join(f"standing.{each}" for each in chain.Row._fields)}
    from (select seq, hash from entry order by seq desc limit 1) as last
    left join entry as standing on standing.key = ?
"""  # noqa: S608 - constants
PAGE = 1000
"""Entries read in one job at most, so that a long export does not hold up the writes."""


class View:
    """The ledger as one transaction sees it; lives in the writer's thread, for one job."""

    def __init__(self, db: Database) -> None:
        self.added: list[Entry] = []
        self._conn = db.conn

    def find(self, key: str) -> Entry | None:
        return self._one("key = ?", key)

    def of(self, incident: str) -> list[Entry]:
        """Read one incident's transcript, in order."""
        return self._many("incident = ? order by seq", incident)

    def first(self, incident: str, kind: str) -> Entry | None:
        """Read the oldest entry of this kind, without reading the whole transcript."""
        return self._one("incident = ? and kind = ? order by seq limit 1", incident, kind)

    def after(self, seq: int) -> list[Entry]:
        """Read the next page of the whole ledger."""
        return self._many("seq > ? order by seq limit ?", seq, PAGE)

    def open_incidents(self) -> list[Entry]:
        """Read the opening entry of every incident that was not closed, oldest first."""
        return self._many(
            "kind = 'incident.opened' and not exists (select 1 from entry as later where "
            "later.incident = entry.incident and later.kind = 'incident.closed') order by seq"
        )

    def head(self) -> Head:
        newest = "select seq, hash from entry order by seq desc limit 1"
        found = self._conn.execute(newest).fetchone()
        return Head(*found) if found else Head(0, GENESIS)

    def append(self, draft: Draft) -> tuple[Entry, bool]:
        """Add an entry; when its key was recorded before, what stands is returned instead."""
        standing, last = self._before(draft.key)
        if standing is not None:
            return standing, False
        seq = last.seq + 1
        hashed = chain.link(last.hash, seq, draft)
        entry = Entry(seq=seq, prev=last.hash, hash=hashed, **dict(draft))
        self._conn.execute(INSERT, chain.row(entry))
        sightings.note(self._conn, seq, draft.kind, draft.body)
        self.added.append(entry)
        return entry, True

    def _before(self, key: str) -> tuple[Entry | None, Head]:
        """What stands under a key, and the last entry: one question, for it is asked so often."""
        found = self._conn.execute(BEFORE, [key]).fetchone()
        if found is None:
            return None, Head(0, GENESIS)
        seq, hash_, *standing = found
        return (_entry(standing) if standing[0] is not None else None), Head(seq, hash_)

    def _one(self, where: str, *values: str) -> Entry | None:
        return next(iter(self._many(where, *values)), None)

    def _many(self, where: str, *values: str | int) -> list[Entry]:
        found = self._conn.execute(f"select {COLUMNS} from entry where {where}", values)  # noqa: S608 - where is ours
        return [_entry(row) for row in found]


def _entry(row: Sequence[object]) -> Entry:
    return Entry.model_validate(dict(zip(chain.Row._fields, row, strict=True)))
