"""Copy: the file of a replica that stands by, which follows Postgres and is written by nobody."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from bot.clients.postgres import Postgres, Session
from bot.core.errors import StoreUnavailable
from bot.store.file import connect
from bot.store.lock import Lock
from bot.store.shared import following, tables
from bot.store.shared.following import Reached


class Copy:
    """One caller at a time: whoever follows awaits it before it follows again, or closes it."""

    def __init__(self, db: Database, lock: Lock, postgres: Postgres) -> None:
        self._db = db
        self._lock = lock
        self._postgres = postgres
        self._steps = tables.of_file(db)
        self._session: Session | None = None

    @classmethod
    async def open(cls, path: Path, postgres: Postgres) -> Self:
        """Lock the file and open it, newly made if need be; raises ConfigurationError."""
        db, lock = await asyncio.to_thread(_own, path)
        return cls(db, lock, postgres)

    async def follow(self) -> Reached:
        """
        Bring the file to where Postgres is now, however far that is.

        Raises ConfigurationError when it is not a copy of that ledger, or a newer version of Heal
        wrote it; StoreUnavailable when Postgres is away: then it is as it was.
        """
        return await asyncio.to_thread(self._follow)

    async def close(self) -> None:
        """Let go of the file, so that a Writer may open it."""
        await asyncio.to_thread(self._close)

    def _follow(self) -> Reached:
        try:
            if self._session is None:
                self._session = self._postgres.connect()
            if not tables.are_there(self._session, self._steps):
                return following.standing(self._db.conn)
            return following.catch_up(self._db.conn, self._session)
        except StoreUnavailable:
            self._hang_up()
            raise

    def _close(self) -> None:
        self._hang_up()
        self._db.close()
        self._lock.release()

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _own(path: Path) -> tuple[Database, Lock]:
    with ExitStack() as undo:
        lock = Lock(path)
        undo.callback(lock.release)
        db = connect(path, 2.0)
        undo.pop_all()
        return db, lock
