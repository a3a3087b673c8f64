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
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Self, TypeVar

from sqlite_utils import Database

from bot.core.errors import StoreUnavailable, Superseded
from bot.store.file import connect
from bot.store.job import DAMAGED, Asked, Job, damaged, run
from bot.store.lock import Lock
from bot.store.shared import following
from bot.store.shared.sharing import Shared

T = TypeVar("T")

BATCH = 512
"""Jobs from which on a commit waits for no more: enough to share an fsync, and answered soon."""
AGAIN = 0.5
"""Seconds between two tries to find out what became of a commit."""


class Writer:
    """The only way to the file, from the event loop that was running at `Writer.open`."""

    def __init__(self, path: Path, db: Database, lock: Lock, shared: Shared | None) -> None:
        self.commits = 0
        self.superseded = asyncio.Event()
        """Set once another replica acts: then this process has to end."""
        self._shared = shared
        self._path = path
        self._inode = path.stat().st_ino
        self._db = db
        self._lock = lock
        self._loop = asyncio.get_running_loop()
        self._asked: list[Asked] = []
        self._queue: SimpleQueue[list[Asked] | None] = SimpleQueue()
        self._closing, self._astray = False, ""
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    @classmethod
    async def open(cls, path: Path, *, busy: float = 2.0, shared: Shared | None = None) -> Self:
        """
        Lock the file and open it, newly made if need be; raises ConfigurationError.

        `busy` is how many seconds a commit waits while another program holds the file: less
        than Slack's three, so that a request is refused in time rather than lost. What is
        `shared` is brought up to date first, which may raise StoreUnavailable or Superseded;
        from then on Postgres has each commit before the file.
        """
        lock, db = await asyncio.to_thread(_own, path, busy, shared)
        return cls(path, db, lock, shared)

    @property
    def shares(self) -> bool:
        """Whether the file only follows what replicas share: then nothing is removed from it."""
        return self._shared is not None

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

        Raises StoreUnavailable when the file, or what it is shared by, takes nothing now.
        """
        await self.do(self._rewrite)

    def _rewrite(self, db: Database) -> None:
        version = db.execute("pragma user_version").fetchone()[0]
        db.execute(f"pragma user_version = {version}")
        if self._shared is not None:
            self._shared.demand()

    def _run(self) -> None:
        while batch := self._take():
            self._commit(batch)
            self._loop.call_soon_threadsafe(_answer, batch)
        if self._shared is not None:
            self._shared.close()
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
        conn, shared = self._db.conn, self._shared
        lost: BaseException | None = None
        try:
            self._insist_on_the_same_file()
            run(batch, self._db)
            if shared is not None:
                shared.ship(conn)
            conn.execute("commit")
            if shared is not None:
                shared.done()
        except (sqlite3.Error, OSError, StoreUnavailable) as error:
            lost = error
            with suppress(sqlite3.Error):
                conn.rollback()
            if shared is not None and shared.unsettled:
                lost = self._settled(shared)
        self.commits += lost is None
        for asked in batch:
            if lost or asked.storage_failed():
                asked.error = self._unavailable(lost or asked.error)

    def _settled(self, shared: Shared) -> StoreUnavailable | None:
        """
        Find out what became of a commit that nobody answered; None when it is done.

        Whoever waits for that batch waits on; everybody else is refused until it is known.
        """
        while True:
            try:
                shared.settle(self._db.conn)
            except Superseded as error:
                return error
            except (sqlite3.Error, StoreUnavailable) as error:
                if self._refuse(self._unavailable(error)):
                    return self._unavailable(error)
            else:
                return None

    def _refuse(self, error: StoreUnavailable) -> bool:
        """Refuse what is asked for a moment; True when this process is going down."""
        try:
            batch = self._queue.get(timeout=AGAIN)
        except Empty:
            return False
        if batch is None:
            self._queue.put(None)
            return True
        for asked in batch:
            asked.error = error
        self._loop.call_soon_threadsafe(_answer, batch)
        return False

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
            self._astray = "its lock was taken away, so start Heal again"
        if self._astray:
            raise PermissionError(self._astray)
        if self._shared is not None:
            self._shared.insist()

    def _unavailable(self, error: BaseException | None) -> StoreUnavailable:
        if isinstance(error, Superseded):
            self._loop.call_soon_threadsafe(self.superseded.set)
            return error
        if damaged(error):
            self._astray = DAMAGED
        unavailable = StoreUnavailable(
            f"{self._path} cannot be written: {error}; nothing is done until it can be"
        )
        unavailable.__cause__ = error
        return unavailable


def _own(path: Path, busy: float, shared: Shared | None) -> tuple[Lock, Database]:
    with ExitStack() as undo:
        lock = Lock(path)
        undo.callback(lock.release)
        db = connect(path, busy)
        undo.callback(db.close)
        if shared is None:
            following.forget(db.conn)
        else:
            undo.callback(shared.close)
            shared.open(db)
        undo.pop_all()
        return lock, db


def _answer(batch: list[Asked]) -> None:
    for asked in batch:
        asked.answer()
