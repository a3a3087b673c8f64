"""
Writer: one thread owns the only connection, and one fsync carries many writes.

Jobs that wait together are committed together. A job's result is handed out after the commit,
never before; when the commit fails, none of its jobs has happened.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Self, TypeVar

from sqlite_utils import Database

from bot.core.errors import StoreUnavailable
from bot.store.file import connect
from bot.store.job import Asked, Job, run
from bot.store.lock import Lock

T = TypeVar("T")

BATCH = 512
"""Jobs from which on a commit waits for no more: enough to share an fsync, and answered soon."""


class Writer:
    """The only way to the file, from the event loop that was running at `Writer.open`."""

    def __init__(self, path: Path, db: Database, lock: Lock) -> None:
        self.commits = 0
        self._path = path
        self._inode = path.stat().st_ino
        self._db = db
        self._lock = lock
        self._loop = asyncio.get_running_loop()
        self._asked: list[Asked] = []
        self._queue: SimpleQueue[list[Asked] | None] = SimpleQueue()
        self._closing = self._astray = False
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    @classmethod
    async def open(cls, path: Path, *, busy: float = 2.0) -> Self:
        """
        Lock the file and open it, newly made if need be; raises ConfigurationError.

        `busy` is how many seconds a commit waits while another program holds the file: less
        than Slack's three, so that a request is refused in time rather than lost.
        """
        lock, db = await asyncio.to_thread(_own, path, busy)
        return cls(path, db, lock)

    async def do(self, job: Job[T]) -> T:
        """
        Run a job and return its result once that is on disk.

        Raises what the job raised, or StoreUnavailable when the file cannot be written. If the
        caller is cancelled the job stays queued: it may still be committed.
        """
        return await self.submit(job)

    def submit(self, job: Job[T], told: Callable[[T], None] | None = None) -> asyncio.Future[T]:
        """
        Queue a job; the futures are resolved in the order in which their jobs were committed.

        `told` is called with the result before that, on the event loop, even if the future was
        cancelled meanwhile: a job that was committed has happened, whoever still waits for it.
        """
        if self._closing:
            raise StoreUnavailable(f"{self._path} is closed: this process is going down")
        if not self._asked:
            self._loop.call_soon(self._hand_over)
        future: asyncio.Future[T] = self._loop.create_future()
        self._asked.append(Asked(job, future, told))
        return future

    def _hand_over(self) -> None:
        """Give the thread all that was asked in one turn of the loop, and wake it once for it."""
        asked, self._asked = self._asked, []
        if asked:
            self._queue.put(asked)

    async def close(self) -> None:
        """Commit what was queued, then let go of the file."""
        if not self._closing:
            self._closing = True
            self._hand_over()
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.sleep(0)  # the last answers are still on their way to the loop

    async def prove(self) -> None:
        """
        Write one page as it stands, for readiness: reads succeed on a full disk too.

        Raises StoreUnavailable when the file takes nothing now.
        """
        await self.do(_rewrite)

    def _run(self) -> None:
        while batch := self._take():
            self._commit(batch)
            self._loop.call_soon_threadsafe(_answer, batch)
        self._db.close()
        self._lock.release()

    def _take(self) -> list[Asked]:
        """Wait for jobs and take those behind them too; none at all means the end."""
        batch: list[Asked] = []
        asked = self._queue.get()
        while asked is not None:
            batch += asked
            if len(batch) >= BATCH or self._queue.empty():
                return batch
            asked = self._queue.get()
        if batch:
            self._queue.put(None)
        return batch

    def _commit(self, batch: list[Asked]) -> None:
        conn, lost = self._db.conn, None
        try:
            self._insist_on_the_same_file()
            run(batch, self._db)
            conn.execute("commit")
            self.commits += 1
        except (sqlite3.Error, OSError) as error:
            lost = error
            with suppress(sqlite3.Error):
                conn.rollback()
        for asked in batch:
            if lost or asked.storage_failed():
                asked.error = self._unavailable(lost or asked.error)

    def _insist_on_the_same_file(self) -> None:
        """
        A file that was deleted or replaced takes writes that nobody will ever read.

        Without its lock it may have been written by another process, which this one knows
        nothing of: it never writes again, and a start of it reads everything anew.
        """
        if self._path.stat().st_ino != self._inode:
            raise FileNotFoundError("another file was put in its place")
        try:
            self._lock.insist()
        except OSError:
            self._astray = True
        if self._astray:
            raise PermissionError("its lock was taken away, so start Heal again")

    def _unavailable(self, error: BaseException | None) -> StoreUnavailable:
        unavailable = StoreUnavailable(
            f"{self._path} cannot be written: {error}; nothing is done until it can be"
        )
        unavailable.__cause__ = error
        return unavailable


def _rewrite(db: Database) -> None:
    version = db.execute("pragma user_version").fetchone()[0]
    db.execute(f"pragma user_version = {version}")


def _own(path: Path, busy: float) -> tuple[Lock, Database]:
    with ExitStack() as undo:
        lock = Lock(path)
        undo.callback(lock.release)
        db = connect(path, busy)
        undo.pop_all()
        return lock, db


def _answer(batch: list[Asked]) -> None:
    for asked in batch:
        asked.answer()
