"""Inbox: what came in is on disk, once, before anybody is told that it was received."""

from __future__ import annotations

import asyncio
import json
from asyncio import Future
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Self

from sqlite_utils import Database

from bot.core.chain import stamp
from bot.core.errors import StoreUnavailable
from bot.store.writer import Writer

PAGE = 1000
"""Items that are read or forgotten in one job at most."""


class InboxFull(StoreUnavailable):
    """More waits than can be worked off soon; the sender keeps it and comes again."""


class Kept(NamedTuple):
    """Where it is kept; `fresh` is False when it had come before."""

    id: int
    fresh: bool


class Item(NamedTuple):
    """Something that came in and is not dealt with; `room` is who understands its body."""

    id: int
    room: str
    received_at: datetime
    headers: dict[str, str]
    body: bytes


class Arrival(NamedTuple):
    """Something that comes in; any of its keys known already marks it as a repetition."""

    keys: Sequence[str]
    room: str
    body: bytes
    headers: Mapping[str, str]
    at: datetime


class Inbox:
    """The inbox of this process; made by `Inbox.open`. Pending ones are bounded by `bound`."""

    def __init__(self, writer: Writer, pending: int, bound: int) -> None:
        self._writer = writer
        self._pending = pending
        self._bound = bound

    @classmethod
    async def open(cls, writer: Writer, *, bound: int = 10_000) -> Self:
        return cls(writer, await writer.do(_count), bound)

    def __len__(self) -> int:
        """How many are pending, counting those that are being written."""
        return self._pending

    async def put(
        self, keys: Sequence[str], room: str, body: bytes, headers: Mapping[str, str], at: datetime
    ) -> Kept:
        """Keep one; raises InboxFull or StoreUnavailable, and then it must not be acknowledged."""
        return (await self.put_many([Arrival(keys, room, body, headers, at)]))[0]

    async def put_many(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        """Keep all of them or none."""
        if self._pending + len(arrivals) > self._bound:
            raise InboxFull(f"{self._pending} items wait already, the inbox holds {self._bound}")
        self._pending += len(arrivals)  # taken before the write, so that a burst cannot overshoot

        def settle(written: Future[list[Kept]]) -> None:
            failed = written.cancelled() or written.exception()
            fresh = 0 if failed else sum(kept.fresh for kept in written.result())
            self._pending -= len(arrivals) - fresh

        written = self._writer.submit(lambda db: [_put(db, arrival) for arrival in arrivals])
        written.add_done_callback(settle)
        return await asyncio.shield(written)

    async def pending(self, room: str = "", after: int = 0) -> list[Item]:
        """
        Read a page of what is not dealt with, oldest first; none means that there is no more.

        Of rooms that begin with `room`, and behind the item `after`.
        """
        return await self._writer.do(lambda db: _read(db, room, after))

    async def done(self, item: int, note: str = "") -> None:
        """It was dealt with, and its body, which nobody redacted, is forgotten; idempotent."""
        await self._settle(item, "done", note)

    async def refused(self, item: int, why: str) -> None:
        """It never will be dealt with, and why."""
        await self._settle(item, "refused", why)

    async def prune(self, before: datetime) -> int:
        """
        Forget some that were dealt with and came before this, their keys too.

        Returns how many; none when all are forgotten.
        """
        sql = """
            delete from inbox where id in (select id from inbox
                where state <> 'new' and received_at < ? order by id limit ?)
        """
        return await self._writer.do(lambda db: db.execute(sql, [stamp(before), PAGE]).rowcount)

    async def _settle(self, item: int, state: str, note: str) -> None:
        sql = (
            "update inbox set state = :state, note = :note, "
            "body = iif(:state = 'done', x'', body) where id = :item and state = 'new'"
        )
        noted = {"state": state, "note": note, "item": item}
        job = self._writer.submit(lambda db: db.execute(sql, noted).rowcount)
        job.add_done_callback(self._leave)
        await asyncio.shield(job)

    def _leave(self, settled: Future[int]) -> None:
        if not (settled.cancelled() or settled.exception()):
            self._pending -= settled.result()


def _put(db: Database, arrival: Arrival) -> Kept:
    for key in arrival.keys:
        known = db.execute("select item from inbox_key where key = ?", [key]).fetchone()
        if known:
            return Kept(known[0], fresh=False)
    headers = json.dumps(dict(arrival.headers))
    added = db.execute(
        "insert into inbox (room, received_at, headers, body) values (?, ?, ?, ?)",
        [arrival.room, stamp(arrival.at), headers, arrival.body],
    )
    item = added.lastrowid or 0
    db.conn.executemany(
        "insert into inbox_key (key, item) values (?, ?)", [(key, item) for key in arrival.keys]
    )
    return Kept(item, fresh=True)


def _read(db: Database, room: str, after: int) -> list[Item]:
    found = db.execute(
        "select id, room, received_at, headers, body from inbox where state = 'new' "
        "and id > ? and substr(room, 1, length(?)) = ? order by id limit ?",
        [after, room, room, PAGE],
    )
    return [
        Item(item, room, datetime.fromisoformat(at), json.loads(headers), body)
        for item, room, at, headers, body in found
    ]


def _count(db: Database) -> int:
    return int(db.execute("select count(*) from inbox where state = 'new'").fetchone()[0])
