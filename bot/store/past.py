"""
Past: what the ledger said up to one entry, asked at once on a connection that cannot write.

The one reading that does not wait its turn behind the writes: for questions that an index answers
in some ten microseconds, in the middle of a decision that nothing may come between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bot.core import chain
from bot.core.chain import Row
from bot.core.episode import Episode
from bot.core.errors import StoreUnavailable
from bot.core.transcript import Entry
from bot.store import reading, segments
from bot.store.job import DAMAGED, damaged
from bot.store.view import COLUMNS

RUNS = """
    select began.incident, began.at, began.body, closed.body, exists (
        select 1 from entry as back
        where back.incident = began.incident and back.kind = 'incident.came_back'
            and back.seq <= :upto)
    from entry as began join entry as closed
        on closed.incident = began.incident and closed.kind = 'incident.closed'
    where began.kind = 'run.started' and began.seq <= :upto and closed.seq <= :upto
    order by began.seq
"""
ALL = f"select {COLUMNS} from entry"  # noqa: S608 - constants
TRANSCRIPT = f"""
    select {COLUMNS} from entry
    where seq in (select seq from entry where incident = ? and seq <= ?) order by seq
"""  # noqa: S608 - constants
OPENED_LATELY = """
    select began.incident, coalesce((
            select max(woken.at) from entry as woken
            where woken.incident = began.incident and woken.kind = 'incident.quieted'
                and woken.seq <= :upto), began.at), json_extract(began.body, '$.channel'),
        json_type(began.body, '$.alert') = 'object',
        (select iif(json_extract(proof.body, '$.passed'), proof.at, null) from entry as proof
            where proof.incident = began.incident and proof.kind = 'run.verified'
                and proof.seq <= :upto and not coalesce(json_extract(proof.body, '$.back'), 0)
            order by proof.seq desc limit 1),
        (select max(closed.at) from entry as closed
            where closed.incident = began.incident and closed.kind = 'incident.closed'
                and closed.seq <= :upto)
    from entry as began
    where began.kind = 'incident.opened' and began.seq <= :upto and json_valid(began.body)
        and (coalesce(json_type(began.body, '$.quiet'), 'null') = 'null' or exists (
            select 1 from entry as woken
            where woken.incident = began.incident and woken.kind = 'incident.quieted'
                and json_type(woken.body, '$.quiet') = 'null' and woken.seq <= :upto))
        and began.seq > coalesce((
            select seq from entry where kind = 'incident.opened' and seq <= :upto and at < :since
            order by seq desc limit 1), 0)
    order by began.seq desc limit :count
"""

CALLED_LATELY = """
    kind = 'incident.opened' and seq > coalesce((
            select first.seq from entry as first where first.kind = 'incident.opened'
                and first.at < ? order by first.seq desc limit 1), 0) and seq <= ?
        and exists (select 1 from entry as later where later.incident = entry.incident
            and later.kind = 'incident.escalated' and later.seq <= ?)
        and (not exists (select 1 from entry as later where later.incident = entry.incident
                and later.kind in ('escalation.taken', 'escalation.unheard') and later.seq <= ?)
            or exists (select 1 from entry as later where later.incident = entry.incident
                and later.kind = 'escalation.gathered' and later.seq <= ?))
    order by seq
"""


class Ran(NamedTuple):
    """A run of an incident that was closed: the facts that began and ended it, as JSON."""

    incident: str
    at: datetime
    started: str
    closed: str
    came_back: bool


class Past:
    """
    The casebook's Past, for the thread that made it; `upto` is the last entry that counts.

    All of it raises StoreUnavailable when the file cannot be read.
    """

    def __init__(self, path: Path, until: datetime | None = None) -> None:
        """With `until`, as it stood at that moment: nothing that was recorded later is known."""
        self._path = path
        self._conn = reading.read_only(path)
        self._until = until
        self._lets_go = segments.keeps(self._conn)

    def close(self) -> None:
        self._conn.close()

    def head(self) -> int:
        """Read the number of the last entry; 0 when there is none."""
        last = "select coalesce(max(seq), 0) from entry"
        if self._until is None:
            ((seq,),) = self._rows(last)
        else:
            ((seq,),) = self._rows(f"{last} where at <= ?", (chain.stamp(self._until),))
        return int(str(seq))

    def of(self, incident: str, upto: int) -> Iterator[Entry]:
        """Read one incident's transcript, in order, entry by entry: it may be very long."""
        try:
            if self._lets_go and (gone := segments.story(self._conn, incident)) is not None:
                left = map(Row._make, self._conn.execute(TRANSCRIPT, (incident, upto)))
                yield from map(chain.entry, segments.together(gone, left))
                return
            for row in self._conn.execute(TRANSCRIPT, (incident, upto)):
                yield chain.entry(Row._make(row))
        except sqlite3.Error as error:
            raise self._unreadable(error) from error

    def after(self, seq: int) -> Iterator[Entry]:
        """Read all that was recorded later than this entry, in order, entry by entry."""
        try:
            for row in self._conn.execute(f"{ALL} where seq > ? order by seq", (seq,)):
                yield chain.entry(Row._make(row))
        except sqlite3.Error as error:
            raise self._unreadable(error) from error

    def count_after(self, seq: int) -> int:
        """Count what was recorded later than this entry."""
        ((count,),) = self._rows("select count(*) from entry where seq > ?", (seq,))
        return int(str(count))

    def of_kinds(self, kinds: Sequence[str], upto: int) -> list[Entry]:
        """Read all entries of these kinds that belong to no incident, in order."""
        own = "incident = '' and kind = ? and seq <= ?"
        found = [entry for kind in kinds for entry in self._entries(own, kind, upto)]
        return sorted(found, key=lambda entry: entry.seq)

    def unclosed(self, upto: int) -> list[str]:
        """Name the incidents without a closing entry, oldest first."""
        return self._names(
            "kind = 'incident.opened' and seq <= ? and not exists (select 1 from entry as later "
            "where later.incident = entry.incident and later.kind = 'incident.closed' "
            "and later.seq <= ?) order by seq",
            upto,
            upto,
        )

    def called(self, since: datetime, upto: int) -> list[str]:
        """Name what was opened since then, and calls people or told of what does."""
        return self._names(CALLED_LATELY, chain.stamp(since), upto, upto, upto, upto)

    def newest(self, count: int, upto: int) -> list[str]:
        """Name the incidents that were opened last, newest first."""
        opened = "kind = 'incident.opened' and seq <= ? order by seq desc limit ?"
        return self._names(opened, upto, count)

    def since(self, at: datetime, count: int, upto: int) -> list[Episode]:
        """Read of what was opened since then how long it lasted, newest first."""
        asked: dict[str, str | int] = {"since": chain.stamp(at), "count": count, "upto": upto}
        return [_episode(*row) for row in self._rows(OPENED_LATELY, asked)]

    def undoing(self, incident: str, upto: int) -> list[str]:
        """Name the incidents that were opened to take this one's run back, oldest first."""
        return self._sighted("undoes", incident, upto)

    def again(self, incident: str, upto: int) -> list[str]:
        """Name the incidents that were opened to ask again for what expired in this one."""
        return self._sighted("again_for", incident, upto)

    def latest(self, trouble: str, upto: int) -> str:
        """Name the incident that was opened last for this trouble; empty when none was."""
        return self._last("trouble", trouble, upto)

    def holding(self, alert: str, upto: int) -> str:
        """Name the incident that heard last of this alert; empty when none did."""
        return self._last("alert", alert, upto)

    def told(self, alert: str, upto: int) -> Entry | None:
        """Read the last entry that told an incident of this alert."""
        last = "select max(seq) from sighting where alert = ? and seq <= ?"
        return next(iter(self._entries(f"seq = ({last})", alert, upto)), None)

    def planned(self, runbook: str, service: str, environment: str, upto: int) -> Entry | None:
        """Read the last entry that made a plan of this runbook for this service."""
        plan = "kind = 'plan.made' and json_extract(body, '$.plan.runbook') = ?"
        place = [
            f"json_extract(body, '$.plan.{field}') = ?" for field in ("service", "environment")
        ]
        where = f"{' and '.join([plan, *place])} and seq <= ? order by seq desc limit 1"
        return next(iter(self._entries(where, runbook, service, environment, upto)), None)

    def runs(self, upto: int) -> Iterator[Ran]:
        """Read every run of an incident that was closed, in the order in which they began."""
        for incident, at, started, closed, back in self._rows(RUNS, {"upto": upto}):
            began = datetime.fromisoformat(str(at))
            yield Ran(str(incident), began, str(started), str(closed), bool(back))

    def _last(self, what: str, of: str, upto: int) -> str:
        newest = "order by seq desc limit 1"
        return next(iter(self._sighted(what, of, upto, newest)), "")

    def _sighted(self, what: str, of: str, upto: int, order: str = "order by seq") -> list[str]:
        """Name the incidents whose entries were sighted so; an empty word finds nothing."""
        found = f"select seq from sighting where {what} = ? and {what} <> '' and seq <= ? {order}"  # noqa: S608 - ours
        return self._names(f"seq in ({found}) {order}", of, upto)

    def _names(self, where: str, *values: str | int) -> list[str]:
        sql = f"select incident from entry where {where}"  # noqa: S608 - where is ours
        return [str(name) for (name,) in self._rows(sql, values)]

    def _entries(self, where: str, *values: str | int) -> list[Entry]:
        rows = self._rows(f"select {COLUMNS} from entry where {where}", values)  # noqa: S608 - where is ours
        return [chain.entry(Row._make(row)) for row in rows]

    def _rows(
        self, sql: str, values: tuple[str | int, ...] | Mapping[str, str | int] = ()
    ) -> list[tuple[object, ...]]:
        try:
            return self._conn.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: sqlite3.Error) -> StoreUnavailable:
        what = f"{error}; {DAMAGED}" if damaged(error) else str(error)
        return StoreUnavailable(f"{self._path} cannot be read: {what}")


def _episode(
    incident: object, began: object, channel: object, alerted: object, healed: object, over: object
) -> Episode:
    rested = healed or over
    return Episode(
        id=str(incident),
        channel=str(channel or ""),
        alerted=bool(alerted),
        opened_at=datetime.fromisoformat(str(began)),
        rested_at=datetime.fromisoformat(str(rested)) if over else None,
        over=bool(over),
    )
