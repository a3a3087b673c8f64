"""Job: one thing asked of the file; its failure undoes it alone and goes to the one who asked."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlite_utils import Database

T = TypeVar("T")
Job = Callable[[Database], T]
"""Runs in the writer's thread, inside a transaction that it must not end; perhaps twice, then the
first time was undone."""

_STORAGE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
    }
)


_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
DAMAGED = (
    "it is damaged: stop Heal, keep it as evidence, put back the last good copy (with its -wal "
    "file) and start again"
)


def damaged(error: BaseException | None) -> bool:
    """Whether the file does not hold what was written to it, which no other try mends."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


class Asked:
    """A job, the future of who waits for it, and how it went."""

    def __init__(
        self, job: Job[Any], future: asyncio.Future[Any], told: Callable[[Any], None] | None = None
    ) -> None:
        self.future = future
        self.result: Any = None
        self.error: BaseException | None = None
        self._job = job
        self._told = told

    def run(self, db: Database) -> None:
        """Do it; a second time when the first was taken back."""
        self.result = self._job(db)

    def storage_failed(self) -> bool:
        """True when it failed for the disk's sake rather than its own."""
        code = getattr(self.error, "sqlite_errorcode", 0)
        return isinstance(self.error, sqlite3.Error) and code & 0xFF in _STORAGE

    def answer(self) -> None:
        """
        Tell who waits; to be called on the event loop, after the commit.

        `told` hears a result first, and also when nobody waits for it any more.
        """
        if self._told is not None and self.error is None:
            self._told(self.result)
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        elif isinstance(self.error, StopIteration):  # which no future can carry
            self.future.set_exception(RuntimeError(f"a job raised {self.error!r}"))
        else:
            self.future.set_exception(self.error)


def run(batch: Sequence[Asked], db: Database) -> None:
    """
    Do them all, and again each apart when one of them fails, so that its failure undoes it alone.

    A savepoint copies every page that is touched, so none is made while all goes well. Raises
    only when a failure took the transaction with it.
    """
    db.conn.execute("begin immediate")
    with _Transaction(db.conn) as together:
        for asked in batch:
            asked.run(db)
    if not together.failed:
        return
    db.conn.execute("begin immediate")
    for asked in batch:
        with _Savepoint(db.conn) as alone:
            asked.run(db)
        asked.error = alone.error


class _Transaction:
    """Takes all of it back when anything inside fails, whatever it was."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.failed = False
        self._conn = conn

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is not None:
            self._conn.rollback()
            self.failed = True
        return True


class _Savepoint:
    """Undoes what failed inside, and keeps the error instead of letting it through."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.error: BaseException | None = None
        self._conn = conn

    def __enter__(self) -> Self:
        self._conn.execute("savepoint job")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is not None:
            if not self._conn.in_transaction:  # a full disk may take the whole transaction back
                return False
            self._conn.execute("rollback to job")
        self._conn.execute("release job")
        self.error = error
        return True
