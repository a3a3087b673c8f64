"""View: the ledger as one transaction sees it; the only place that adds an entry to the chain."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database

from bot.core import chain
from bot.core.chain import GENESIS, Head
from bot.core.transcript import Brief, Draft, Entry
from bot.store import segments, sightings

COLUMNS = ", ".join(chain.Row._fields)
HOLES = ", ".join("?" * len(chain.Row._fields))
INSERT = f"insert into entry ({COLUMNS}) values ({HOLES})"  # noqa: S608 - constants
JOINED = "alert.joined"
ENDS = 100
"""Alerts that joined first, and as many that did last, of which a brief transcript tells."""
PAGE = 1000
"""Entries read in one job at most, so that a long export does not hold up the writes."""


class View:
    """The ledger as one transaction sees it; lives in the writer's thread, for one job."""

    def __init__(self, db: Database) -> None:
        self.added: list[Entry] = []
        self._conn = db.conn
        self._head: Head | None = None

    def find(self, key: str) -> Entry | None:
        standing = self._one("key = ?", key)
        if standing is None and (sealed := segments.find(self._conn, key)):
            return chain.entry(sealed)
        return standing

    def of(self, incident: str, last_of: str = "") -> list[Entry]:
        """Read one incident's transcript, in order; of one kind the last entry only."""
        last = "select max(seq) from entry where incident = ? and kind = ?"
        where = f"incident = ? and (kind <> ? or seq = ({last})) order by seq"
        return self._many(where, incident, last_of, incident, last_of)

    def brief(self, incident: str) -> Brief:
        """Read one incident's transcript without the middle of the alerts that joined it."""
        joined = "select seq from entry where incident = ? and kind = ? order by seq"
        of, ends = [incident, JOINED], [incident, JOINED, ENDS - 1]
        first = self._conn.execute(f"{joined} limit 1 offset ?", ends).fetchone()
        last = self._conn.execute(f"{joined} desc limit 1 offset ?", ends).fetchone()
        if first is None or first[0] >= last[0]:
            return Brief(self.of(incident), 0)
        between = "kind = ? and seq > ? and seq < ?"
        many = f"select count(*) from entry where incident = ? and {between}"  # noqa: S608 - constants
        (left,) = self._conn.execute(many, [*of, *first, *last]).fetchone()
        where = f"incident = ? and not ({between}) order by seq"
        return Brief(self._many(where, *of, *first, *last), left)

    def first(self, incident: str, kind: str) -> Entry | None:
        """Read the oldest entry of this kind, without reading the whole transcript."""
        return self._one("incident = ? and kind = ? order by seq limit 1", incident, kind)

    def last(self, kind: str) -> Entry | None:
        """Read the newest entry of this kind that belongs to no incident."""
        return self._one("incident = '' and kind = ? order by seq desc limit 1", kind)

    def written_to(self, seq: int) -> set[str]:
        """Name the incidents that an entry behind this one is about."""
        late = self._conn.execute("select distinct incident from entry where seq > ?", [seq])
        return {name for (name,) in late}

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
        if self._head is None:
            newest = "select seq, hash from entry order by seq desc limit 1"
            found = self._conn.execute(newest).fetchone()
            self._head = Head(*found) if found else Head(0, GENESIS)
        return self._head

    def append(self, draft: Draft) -> tuple[Entry, bool]:
        """Add an entry; when its key was recorded before, what stands is returned instead."""
        row = chain.chained(self.head(), draft)
        try:
            self._conn.execute(INSERT, row)
        except sqlite3.IntegrityError:
            if (standing := self.find(draft.key)) is None:
                raise
            return standing, False
        sightings.note(self._conn, row.seq, row.kind, row.body)
        self._head = Head(row.seq, row.hash)
        entry = chain.entry(row)
        self.added.append(entry)
        return entry, True

    def keep(self, draft: Draft, octets: bytes) -> tuple[Entry, bool]:
        """Add the entry of an exhibit, and its contents under the same key."""
        entry, fresh = self.append(draft)
        if fresh:
            self._conn.execute("insert into exhibit values (?, ?)", [draft.key, octets])
        return entry, fresh

    def _one(self, where: str, *values: str) -> Entry | None:
        return next(iter(self._many(where, *values)), None)

    def _many(self, where: str, *values: str | int) -> list[Entry]:
        found = self._conn.execute(f"select {COLUMNS} from entry where {where}", values)  # noqa: S608 - where is ours
        return [chain.entry(chain.Row._make(row)) for row in found]
