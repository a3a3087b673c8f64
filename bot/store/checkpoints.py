"""
Checkpoints: what was signed of the ledger, and which sink has how much of it; kept beside it.

Evidence is only what the sinks keep. What lies here serves to go on where an earlier life ended:
the edge of the tree, so that no start and no checkpoint reads the whole ledger again.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlite_utils import Database

from bot.core import chain, checkpoint
from bot.core.checkpoint import Signed
from bot.core.inclusion import KEY_KIND
from bot.core.merkle import Frontier
from bot.store import segments
from bot.store.writer import Writer

PAGE = 2000
"""Hashes that are read in one job."""


class Waiting(NamedTuple):
    """How a sink stands: what it lacks, what it gave last, and since when and why it fails."""

    sink: str
    behind: int
    receipt: str
    since: str
    error: str


class Due(NamedTuple):
    """What a sink is to keep next, what it gave for the one before, and how many it lacks."""

    signed: Signed
    before: str
    behind: int


class Checkpoints:
    """The tables, for the event loop; everything returns after its commit."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def frontier(self) -> Frontier:
        """The edge of the tree at the last checkpoint or seal; empty before the first."""

        def job(db: Database) -> Frontier:
            newest = "select frontier from checkpoint order by size desc limit 1"
            found = db.execute(newest).fetchone()
            known = [seal.frontier for seal in segments.seals(db.conn)[-1:]]
            known += [found[0]] if found and found[0] else []
            return max(map(Frontier.read, known), key=lambda one: one.size, default=Frontier())

        return await self._writer.do(job)

    async def hashes(self, after: int) -> list[bytes]:
        """The hashes of the next entries behind a place, 32 bytes each; empty at the end."""
        sql = "select hash from entry where seq > ? order by seq limit ?"

        def job(db: Database) -> list[bytes]:
            return [bytes.fromhex(found[0]) for found in db.execute(sql, [after, PAGE])]

        return await self._writer.do(job)

    async def key(self) -> str:
        """The body of the entry that recorded the key that signs now; empty when none did."""
        last = "select body from entry where incident = '' and kind = ? order by seq desc limit 1"

        def job(db: Database) -> str:
            found = db.execute(last, [KEY_KIND]).fetchone()
            return str(found[0]) if found else ""

        return await self._writer.do(job)

    async def keep(self, signed: Signed, frontier: Frontier, at: datetime) -> None:
        """Keep a checkpoint, with the edge of the tree that it was made of."""
        values = [signed.checkpoint.size, chain.stamp(at), signed.text, frontier.written]

        def job(db: Database) -> None:
            db.execute("update checkpoint set frontier = '' where frontier <> ''")
            db.execute("insert or replace into checkpoint values (?, ?, ?, ?)", values)

        await self._writer.do(job)

    async def admit(self, sink: str) -> None:
        """Know a sink from now on: one that is new begins with the last checkpoint."""

        def job(db: Database) -> None:
            db.execute(
                "insert or ignore into sink (name, through) "
                "values (?, (select coalesce(max(size), 0) - 1 from checkpoint))",
                [sink],
            )

        await self._writer.do(job)

    async def due(self, sink: str, *, newest: bool) -> Due | None:
        """The oldest checkpoint that a sink does not have, or the newest; None when it has all."""
        order = "desc" if newest else "asc"
        behind = "from checkpoint where size > (select through from sink where name = ?)"
        one = f"select note {behind} order by size {order} limit 1"

        def job(db: Database) -> Due | None:
            if (found := db.execute(one, [sink]).fetchone()) is None:
                return None
            (count,) = db.execute(f"select count(*) {behind}", [sink]).fetchone()
            last = db.execute(LAST_RECEIPT, [sink]).fetchone()
            return Due(checkpoint.read(found[0]), last[0] if last else "", count)

        return await self._writer.do(job)

    async def kept(self, sink: str, size: int, receipt: str, at: datetime) -> None:
        """Note that a sink has everything up to this size, and what it gave for it."""

        def job(db: Database) -> None:
            db.execute(
                "update sink set through = ?, since = '', error = '' where name = ?", [size, sink]
            )
            values = [sink, size, chain.stamp(at), receipt]
            db.execute("insert or replace into receipt values (?, ?, ?, ?)", values)

        await self._writer.do(job)

    async def failed(self, sink: str, why: str, at: datetime) -> None:
        """Note why a sink takes nothing, and since when."""
        sql = "update sink set error = ?, since = iif(since = '', ?, since) where name = ?"

        def job(db: Database) -> None:
            db.execute(sql, [why, chain.stamp(at), sink])

        await self._writer.do(job)


LAST_RECEIPT = "select receipt from receipt where sink = ? order by size desc limit 1"
STANDS = """
    select name, (select count(*) from checkpoint where size > through),
        coalesce((select receipt from receipt where sink = name order by size desc limit 1), ''),
        since, error
    from sink order by name
"""
