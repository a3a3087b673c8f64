"""
Sealing: old entries go into a file of their own, and leave the ledger once that is on record.

In this order, so that a crash at any moment loses nothing: the copy is written, waited for and
verified; what leaves is listed; the seal is recorded; the copy gets its name; then page by page
what is listed is removed. A list without its seal is dropped at the next start, and a removal
that broke off goes on.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlite_utils import Database

from bot.core.clauses import at_least
from bot.core.durations import Duration
from bot.core.facts import LedgerSealed
from bot.core.transcript import Draft
from bot.store import copying, segments
from bot.store.cutting import Cut, cut
from bot.store.ledger import Ledger
from bot.store.view import View
from bot.store.writer import Writer

PAGE = 500
"""Entries that one job lists or removes at most, so that whoever writes hardly waits."""
MANY = 50_000
"""Entries that are worth a file of their own at once; fewer wait until they are older."""
SPAN = timedelta(days=30)
"""So much older than asked for they may become before a small file is made of them."""
log = logging.getLogger(__name__)


Age = Annotated[Duration, at_least("30d")]
"""Longer than any relapse window: what ended so long ago comes back as something new."""


class KeepingSettings(BaseModel):
    """How long the ledger keeps what is over: HEAL_LEDGER_KEEP."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: Annotated[Age | None, BeforeValidator(lambda given: given or None)] = Field(
        default=None,
        description="from this age on, entries that nothing needs any more are sealed in files "
        "beside the ledger, like `180d`; nothing is sealed unless set, and 30d is the least",
    )


class Sealing:
    """For the process that owns the ledger; one call at a time."""

    def __init__(self, path: Path, writer: Writer, ledger: Ledger, many: int = MANY) -> None:
        self._path = path = path.resolve()  # segments lie where the file is, not a link to it
        self._writer = writer
        self._ledger = ledger
        self._many = many
        self._part = path.with_name(f"{path.name}.sealing")

    async def seal(self, keep: timedelta, now: datetime) -> LedgerSealed | None:
        """
        Seal away what is older than `keep`; None when there is nothing to do, or not now.

        A disk that is full, and an incident that came back in between, leave all as it was.
        Raises StoreUnavailable when the ledger cannot be written.
        """
        if self._writer.shares:
            log.warning("nothing is sealed: Postgres holds the ledger, and keeps all of it")
            return None
        if not await self.finish():
            return None
        before = now - keep
        try:
            made = await asyncio.to_thread(
                cut, self._path, self._part, before, self._many, before - SPAN
            )
        except (OSError, sqlite3.Error, ValueError) as error:
            self._drop()
            log.warning("nothing was sealed: %s", error)
            return None
        if made is None or not await self._record(made, now):
            self._drop()
            return None
        await self.finish()
        log.info("%s are sealed in %s", made.seal.names, made.seal.file)
        return made.seal

    async def finish(self) -> bool:
        """
        Go on with a sealing that broke off, or undo it when it was not recorded yet.

        False when it cannot be known what was sealed last, or its file is not here while some of
        what it holds is still to be removed.
        """
        try:
            last = await self._writer.do(_last)
        except ValueError as error:
            log.warning("nothing is sealed, for a seal of the ledger cannot be read: %s", error)
            return False
        while await self._writer.do(partial(_forget, last.upto if last else 0)):
            continue
        if not await self._writer.do(_leaves):
            return True
        if last is None or not await asyncio.to_thread(self._named, last):
            return False
        while await self._writer.do(_remove):
            continue
        return True

    async def _record(self, made: Cut, now: datetime) -> bool:
        """List what leaves, then record the seal; False when one of the incidents goes on."""
        upto = made.seal.upto
        for start in range(0, len(made.leaving), PAGE):
            page = [(seq, upto) for seq in made.leaving[start : start + PAGE]]
            await self._writer.do(partial(_list, page))
        draft = Draft(
            at=now, incident="", actor="heal", kind=made.seal.kind, key=f"sealed:{upto}",
            body=made.seal.body,
        )  # fmt: skip

        def act(view: View) -> bool:
            if not made.incidents.isdisjoint(view.written_to(made.asked_at)):
                return False
            view.append(draft)
            return True

        return await self._ledger.transaction(act)

    def _drop(self) -> None:
        """Remove a copy that became no segment; what cannot be is written over later."""
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    def _named(self, seal: LedgerSealed) -> bool:
        """Give the copy its name; False while it is nowhere: then nothing is removed."""
        file = self._path.with_name(seal.file)
        if not file.exists() and self._part.exists():
            if copying.digest(self._part) != seal.sha256:
                log.error("%s is not what was sealed", self._part)
                return False
            self._part.rename(file)
            copying.settle(file.parent)
        return file.exists()


def _last(db: Database) -> LedgerSealed | None:
    known = segments.seals(db.conn)
    return known[-1] if known else None


def _leaves(db: Database) -> bool:
    """Whether anything that was sealed is still to be removed."""
    return db.execute("select 1 from leaving limit 1").fetchone() is not None


def _list(page: list[tuple[int, int]], db: Database) -> None:
    db.conn.executemany("insert or replace into leaving (seq, upto) values (?, ?)", page)


def _forget(upto: int, db: Database) -> int:
    """Drop from the list what leaves with no recorded seal."""
    stale = "select seq from leaving where upto <> ? limit ?"
    return db.execute(f"delete from leaving where seq in ({stale})", [upto, PAGE]).rowcount  # noqa: S608 - constants


def _remove(db: Database) -> int:
    """Remove the next page of what is listed, and note of which incidents something is gone."""
    found = db.execute("select seq from leaving order by seq limit ?", [PAGE]).fetchall()
    if not found:
        return 0
    span = [found[0][0], found[-1][0]]
    page = "select seq from leaving where seq between ? and ?"
    db.execute(
        f"""
        insert into sealed_away select incident, min(seq), max(seq) from entry
            where seq in ({page}) and incident <> '' group by incident
        """,  # noqa: S608 - constants
        span,
    )
    db.execute(
        f"delete from exhibit where key in (select key from entry where kind = 'evidence.kept' "  # noqa: S608 - constants
        f"and seq in ({page}))",
        span,
    )
    for table in ("sighting", "entry", "leaving"):
        db.execute(f"delete from {table} where seq in ({page})", span)  # noqa: S608 - constants
    return len(found)
