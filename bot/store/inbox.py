"""Inbox: what came in is on disk, once, before anybody is told that it was received."""

from __future__ import annotations

import asyncio
import json
from asyncio import Future
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple, Self

from sqlite_utils import Database

from bot.core.chain import stamp
from bot.core.errors import InboxFull, StoreUnavailable
from bot.store.writer import Writer

PAGE = 1000
"""Items that are read or forgotten in one job at most."""


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
    """
    The inbox of this process; made by `Inbox.open`.

    `bound` is how many may be pending in one room: a storm in one closes no other's door.
    """

    def __init__(self, writer: Writer, pending: Mapping[str, int], bound: int) -> None:
        self._writer = writer
        self._pending = Counter(pending)
        self._bound = bound
        self._gathered: list[tuple[Arrival, Future[Kept]]] = []

    @classmethod
    async def open(cls, writer: Writer, *, bound: int = 50_000) -> Self:
        return cls(writer, await writer.do(_count), bound)

    def __len__(self) -> int:
        """How many are pending, counting those that are being written."""
        return self._pending.total()

    async def put(
        self, keys: Sequence[str], room: str, body: bytes, headers: Mapping[str, str], at: datetime
    ) -> Kept:
        """
        Keep one; raises InboxFull or StoreUnavailable, and then it must not be acknowledged.

        What comes in one turn of the event loop is one job of the writer.
        """
        if self._pending[room] >= self._bound:
            raise InboxFull(f"{self._bound} items wait there already, which is all it holds")
        for text in keys:
            text.encode()  # what no file can hold must fail alone, and before the others' job
        loop = asyncio.get_running_loop()
        kept: Future[Kept] = loop.create_future()
        if not self._gathered:
            loop.call_soon(self._keep)
        self._gathered.append((Arrival(keys, room, body, headers, at), kept))
        self._pending[room] += 1  # before the write, so that a burst cannot overshoot
        return await kept

    def _keep(self) -> None:
        gathered, self._gathered = self._gathered, []
        arrivals = [arrival for arrival, _ in gathered]
        written: Future[list[Kept]]
        try:
            written = self._writer.submit(lambda db: _put(db, arrivals))
        except StoreUnavailable as error:
            written = asyncio.get_running_loop().create_future()
            written.set_exception(error)
        written.add_done_callback(partial(self._tell, gathered))

    def _tell(
        self, gathered: Sequence[tuple[Arrival, Future[Kept]]], written: Future[list[Kept]]
    ) -> None:
        """Hand out what became of them; whoever does not wait any more is passed over."""
        error = written.exception()
        for place, (arrival, kept) in enumerate(gathered):
            if error or not written.result()[place].fresh:
                self._pending[arrival.room] -= 1
            if kept.done():
                continue
            if error:
                kept.set_exception(error)
            else:
                kept.set_result(written.result()[place])

    async def pending(self, room: str = "", after: int = 0) -> list[Item]:
        """
        Read a page of what is not dealt with, oldest first; none means that there is no more.

        Of rooms that begin with `room`, and behind the item `after`.
        """
        return await self._writer.do(lambda db: _read(db, room, after))

    def waiting(self) -> dict[str, int]:
        """How many are pending in each room that anything ever waited in."""
        return dict(self._pending)

    async def oldest(self, room: str = "") -> datetime | None:
        """When the first came in of what is pending, in rooms that begin so; None = nothing is."""
        return await self._writer.do(lambda db: _oldest(db, room))

    async def done(self, *items: int) -> None:
        """They were dealt with, and their bodies, which nobody redacted, go; idempotent."""
        await self._settle(items, "done", "")

    async def refused(self, item: int, why: str) -> None:
        """It never will be dealt with, and why."""
        await self._settle((item,), "refused", why)

    async def prune(self, before: datetime) -> int:
        """
        Forget some that were dealt with and came before this, their keys too.

        Returns how many; none when all are forgotten. The newest stays: its number is never given
        again, for whoever reads behind it would pass the next one by.
        """
        sql = """
            delete from inbox where id in (select id from inbox
                where state <> 'new' and received_at < ? and id < (select max(id) from inbox)
                order by id limit ?)
        """
        return await self._writer.do(lambda db: db.execute(sql, [stamp(before), PAGE]).rowcount)

    async def _settle(self, items: Sequence[int], state: str, note: str) -> None:
        job = self._writer.submit(lambda db: _settle(db, items, state, note))
        job.add_done_callback(self._leave)
        await asyncio.shield(job)

    def _leave(self, settled: Future[Counter[str]]) -> None:
        if not (settled.cancelled() or settled.exception()):
            self._pending -= settled.result()


def _put(db: Database, arrivals: Sequence[Arrival]) -> list[Kept]:
    """Keep all of them or none; two that share a key are one."""
    (item,) = db.conn.execute("select coalesce(max(id), 0) from inbox").fetchone()
    kept: list[Kept] = []
    fresh: dict[str, tuple[int]] = {}
    rows: list[tuple[object, ...]] = []
    known = "select item from inbox_key where key = ?"
    for keys, room, body, headers, at in arrivals:
        found = (fresh.get(key) or db.conn.execute(known, [key]).fetchone() for key in keys)
        if standing := next(filter(None, found), None):
            kept.append(Kept(standing[0], fresh=False))
            continue
        item += 1
        rows.append((item, room, stamp(at), json.dumps(dict(headers)), body))
        fresh.update(dict.fromkeys(keys, (item,)))
        kept.append(Kept(item, fresh=True))
    into = "insert into inbox (id, room, received_at, headers, body) values (?, ?, ?, ?, ?)"
    db.conn.executemany(into, rows)
    named = [(key, *item) for key, item in fresh.items()]
    db.conn.executemany("insert into inbox_key (key, item) values (?, ?)", named)
    return kept


def _settle(db: Database, items: Sequence[int], state: str, note: str) -> Counter[str]:
    """Settle those that are pending; how many that were, by room."""
    left: Counter[str] = Counter()
    of = "select room from inbox where id = ? and state = 'new'"
    settled = "update inbox set state = ?, note = ?, body = iif(?, x'', body) where id = ?"
    for item in items:
        if found := db.conn.execute(of, [item]).fetchone():
            db.conn.execute(settled, [state, note, state == "done", item])
            left[found[0]] += 1
    return left


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


def _oldest(db: Database, room: str) -> datetime | None:
    sql = (
        "select received_at from inbox where state = 'new' "
        "and substr(room, 1, length(?)) = ? order by id limit 1"
    )
    found = db.execute(sql, [room, room]).fetchone()
    return datetime.fromisoformat(found[0]) if found else None


def _count(db: Database) -> dict[str, int]:
    sql = "select room, count(*) from inbox where state = 'new' group by room"
    return dict(db.execute(sql).fetchall())
