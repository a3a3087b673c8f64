"""
Outbox: what every message of ours should say, and what it said when it was last sent.

A slot is one message. Only the last wish for it is kept: a slow Slack costs detail, never truth.
The pace is kept elsewhere; here nothing is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlite_utils import Database

from bot.core.chain import stamp
from bot.core.errors import StoreUnavailable
from bot.store.writer import Writer

FEW = 20
"""Rows of one sort in one channel that are read at a time."""
PAGE = 500
"""Rows that one job prunes at most, so that it does not hold up the writes."""


class Wanted(NamedTuple):
    """A message that does not say yet what it should; `priority` 0 goes first."""

    slot: str
    channel: str
    thread_slot: str | None
    thread_ts: str | None
    kind: str
    priority: int
    payload: str
    version: int
    sent_channel: str | None
    ts: str | None
    waiting_since: datetime
    not_before: datetime | None
    tries: int
    last_error: str


class Place(NamedTuple):
    """Where a message stands in Slack: `ts` is its name within the channel."""

    channel: str
    ts: str


class Outbox:
    """The messages of this process; `why_not` says why it may not speak now, empty while it may."""

    def __init__(self, writer: Writer, why_not: Callable[[], str] = str) -> None:
        self._writer = writer
        self._why_not = why_not

    def insist(self) -> None:
        """Raise StoreUnavailable when another process may send by now what waits here."""
        if why := self._why_not():
            raise StoreUnavailable(why)

    async def want(
        self,
        slot: str,
        channel: str,
        thread_slot: str | None,
        kind: str,
        priority: int,
        payload: str,
        at: datetime,
    ) -> bool:
        """
        Say what a message should be from now on; True when that means something to send.

        `thread_slot` is the slot of the message whose thread it goes into.
        """
        wish = {
            "slot": slot,
            "channel": channel,
            "thread_slot": thread_slot,
            "kind": kind,
            "priority": priority,
            "payload": payload,
            "hash": hashlib.sha256(payload.encode()).hexdigest(),
            "at": stamp(at),
        }
        return await self._writer.do(lambda db: _want(db, wish))

    async def withdraw(self, slots: Sequence[str]) -> bool:
        """Want none of these any more; those that stand in Slack stay. True when one did not."""
        marks = ", ".join("?" * len(slots))
        sql = f"delete from outbox where ts is null and slot in ({marks})"  # noqa: S608 - marks
        return await self._writer.do(lambda db: db.execute(sql, [*slots]).rowcount > 0)

    async def due(self) -> list[Wanted]:
        """
        Read what may be sent next, the most urgent first, then what has waited longest.

        Of each channel a few are enough, for they are sent one after the other: a few of each
        sort, so that what must wait for its pace or its pause never hides what need not. A
        message whose thread does not stand yet is not due.
        """
        return await self._writer.do(_due)

    async def pending(self) -> int:
        """Count the messages that do not say in Slack what they should by now."""
        sql = "select count(*) from outbox where wanted_hash is not sent_hash"
        return await self._writer.do(lambda db: int(db.execute(sql).fetchone()[0]))

    async def oldest(self) -> datetime | None:
        """When the first of them began to wait."""
        sql = "select min(waiting_since) from outbox where wanted_hash is not sent_hash"
        found = await self._writer.do(lambda db: db.execute(sql).fetchone()[0])
        return datetime.fromisoformat(found) if found else None

    async def unposted(self) -> frozenset[str]:
        """Read the slots that wait to be posted, or were posted by a life that could not say so."""
        sql = "select slot from outbox where wanted_hash is not sent_hash and ts is null"
        return await self._writer.do(lambda db: frozenset(slot for (slot,) in db.execute(sql)))

    async def sent(self, slot: str, version: int, ts: str, channel: str) -> None:
        """Note that this version stands at this place; a newer wish stays due."""
        sql = """
            update outbox set ts = :ts, sent_channel = :channel, tries = 0, last_error = '',
                not_before = null, sent_hash = iif(version = :version, wanted_hash, null)
            where slot = :slot
        """
        noted = {"slot": slot, "version": version, "ts": ts, "channel": channel}
        await self._writer.do(lambda db: db.execute(sql, noted).rowcount)

    async def failed(self, slot: str, error: str, not_before: datetime) -> None:
        """
        Note a try that failed, and when the next one may be made.

        What the message says now is unknown, so it is due even when it was wished back meanwhile.
        """
        sql = """
            update outbox set tries = tries + 1, last_error = ?, not_before = ?, sent_hash = null
            where slot = ?
        """
        noted = [error, stamp(not_before), slot]
        await self._writer.do(lambda db: db.execute(sql, noted).rowcount)

    async def where(self, slot: str) -> Place | None:
        """Find the message of a slot, if it was ever posted."""
        sql = "select sent_channel, ts from outbox where slot = ? and ts is not null"
        found = await self._writer.do(lambda db: db.execute(sql, [slot]).fetchone())
        return Place(*found) if found else None

    async def find_by_ts(self, channel: str, ts: str) -> str | None:
        """Find the slot of a message, when somebody clicked or answered there."""
        sql = "select slot from outbox where sent_channel = ? and ts = ?"
        found = await self._writer.do(lambda db: db.execute(sql, [channel, ts]).fetchone())
        return str(found[0]) if found else None

    async def prune(self, before: datetime) -> int:
        """
        Forget the bodies of some messages that are as they should be since before this moment.

        Where they stand, and what they say by its hash, is kept: so nothing is posted twice, and
        an old thread still belongs to its incident. Returns how many; none when all are forgotten.
        """
        sql = """
            update outbox set payload = '' where slot in (
                select slot from outbox where wanted_hash is sent_hash and payload <> ''
                    and updated_at < ? order by updated_at limit ?)
        """
        return await self._writer.do(lambda db: db.execute(sql, [stamp(before), PAGE]).rowcount)


def _want(db: Database, wish: dict[str, str | int | None]) -> bool:
    standing = "select wanted_hash, sent_hash from outbox where slot = :slot"
    found = db.execute(standing, wish).fetchone()
    if found is None:
        db.execute(
            """
            insert into outbox (slot, channel, thread_slot, kind, priority, payload, wanted_hash,
                waiting_since, created_at, updated_at)
            values (:slot, :channel, :thread_slot, :kind, :priority, :payload, :hash,
                :at, :at, :at)
            """,
            wish,
        )
        return True
    wanted, sent = found
    if wanted != wish["hash"]:
        db.execute(
            """
            update outbox set channel = :channel, thread_slot = :thread_slot, kind = :kind,
                priority = :priority, payload = :payload, wanted_hash = :hash, updated_at = :at,
                version = version + 1,
                waiting_since = iif(wanted_hash is sent_hash, :at, waiting_since)
            where slot = :slot
            """,
            wish,
        )
    else:
        body = "update outbox set payload = :payload where slot = :slot and payload = ''"
        db.execute(body, wish)
    return bool(wish["hash"] != sent)


def _due(db: Database) -> list[Wanted]:
    """First which, from indexes alone; only then their bodies."""
    found = db.execute(
        """
        with ready as (
            select slot, row_number() over (
                partition by coalesce(sent_channel, channel), kind, ts is null, not_before is null
                order by priority, waiting_since
            ) as place
            from outbox as it where wanted_hash is not sent_hash and (thread_slot is null or exists
                (select 1 from outbox as root indexed by outbox_stands
                    where root.slot = it.thread_slot and root.ts is not null))
        )
        select it.slot, it.channel, it.thread_slot, head.ts, it.kind, it.priority, it.payload,
            it.version, it.sent_channel, it.ts, it.waiting_since, it.not_before, it.tries,
            it.last_error
        from ready join outbox as it on it.slot = ready.slot
        left join outbox as head on head.slot = it.thread_slot
        where ready.place <= ?
        order by it.priority, it.waiting_since
        """,
        [FEW],
    )
    return [_wanted(Wanted(*row)) for row in found]


def _wanted(row: Wanted) -> Wanted:
    """Read the moments, which are stored as text."""
    since = datetime.fromisoformat(str(row.waiting_since))
    after = datetime.fromisoformat(str(row.not_before)) if row.not_before else None
    return row._replace(waiting_since=since, not_before=after)
