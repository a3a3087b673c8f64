"""
Sharing: what the active replica's writer hands its commits to, before its own file has them.

One statement carries a commit. It is taken only while the seat's epoch is ours and the commit
before it was ours too, so a replica that was frozen and woke up can write nothing. When no answer
came, the same statement is sent again, and cannot be done twice: nothing else is written before
that is known.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from sqlite_utils import Database

from bot.clients.postgres import Postgres, Refused, Session
from bot.core.errors import ConfigurationError, StoreUnavailable, Superseded
from bot.store.shared import bringing, following, shipping, tables
from bot.store.shared.cargo import Capture, Cargo
from bot.store.shared.following import Place, Reached

KEEP_GONE = 100_000
"""Commits after which a row that is gone is forgotten; who was away longer is filled anew."""
FORGET_EVERY = 5000


class Shared:
    """One epoch of the active replica; opened and used by the writer's thread alone."""

    def __init__(self, postgres: Postgres, epoch: int) -> None:
        self.epoch = epoch
        self._postgres = postgres
        self._session: Session | None = None
        self._place = Place()
        self._waits: Cargo | None = None
        self._due = False
        self._lost = ""

    @property
    def unsettled(self) -> bool:
        """Whether a commit was sent of which the file does not know what became."""
        return self._waits is not None

    def open(self, db: Database) -> Reached:
        """
        Bring the file up to date, or an empty database to what the file says; then gather.

        Raises ConfigurationError, Superseded, or StoreUnavailable when Postgres is away.
        """
        session = self._connected()
        tables.lay_down(session, tables.of_file(db))
        reached = self._catch_up(db.conn)
        if not reached.place.lsn and bringing.bring(db.conn, session, self.epoch):
            reached = self._catch_up(db.conn)
        self._capture = Capture(db.conn)
        return reached

    def close(self) -> None:
        """Hang up."""
        self._hang_up()

    def demand(self) -> None:
        """Have the next commit shipped even when it changes nothing, to see whether it can be."""
        self._due = True

    def insist(self) -> None:
        """Raises Superseded once another replica took over: nothing is done here any more."""
        if self._lost:
            raise Superseded(self._lost)

    def ship(self, conn: sqlite3.Connection) -> None:
        """
        Commit to Postgres what the open transaction changed; then the file may be committed.

        Raises StoreUnavailable, and then it is either not done or `unsettled`, or Superseded.
        """
        cargo = self._capture.take()
        due, self._due = self._due, False
        if not (cargo.entries or cargo.rows or due):
            return
        self._connected()  # while that fails nothing was sent
        self._waits = cargo
        self._send(cargo)
        following.note(conn, self._place._replace(lsn=self._place.lsn + 1))

    def done(self) -> None:
        """The file has it too."""
        if self._waits is not None:
            self._capture.took(self._waits)
            self._place = self._place._replace(lsn=self._place.lsn + 1)
            self._waits = None
            if self._place.lsn % FORGET_EVERY == 0:
                self._forget_gone()

    def settle(self, conn: sqlite3.Connection) -> None:
        """
        Send again what is unsettled, and bring the file to it; done when it returns.

        Raises StoreUnavailable, and then it is as unsettled as before, or Superseded.
        """
        assert self._waits is not None, "only what was sent can be settled"
        self._send(self._waits, again=True)
        try:
            self._catch_up(conn)
        except ConfigurationError as error:
            raise self._superseded(str(error)) from error
        self._capture.forget()
        self._waits = None

    def _connected(self) -> Session:
        if self._session is None:
            self._session = self._postgres.connect()
        return self._session

    def _catch_up(self, conn: sqlite3.Connection) -> Reached:
        try:
            reached = following.catch_up(conn, self._connected())
        except StoreUnavailable:
            self._hang_up()
            raise
        self._place = reached.place
        return reached

    def _send(self, cargo: Cargo, *, again: bool = False) -> None:
        session = self._connected()
        try:
            shipped = shipping.ship(session, self.epoch, self._place.lsn, cargo)
            standing = shipping.standing(session) if not shipped else None
        except Refused:
            self._waits = cargo if again else None
            self._hang_up()
            raise
        except StoreUnavailable:
            self._hang_up()
            raise
        if standing is None:
            return
        epoch, lsn = standing
        if epoch != self.epoch:
            raise self._superseded(f"another replica acts, in epoch {epoch}; ours was {self.epoch}")
        if not again or lsn != self._place.lsn + 1:
            raise self._superseded(
                f"Postgres is at commit {lsn} and this replica left it at {self._place.lsn}: it "
                "has to begin anew from what Postgres says"
            )

    def _superseded(self, why: str) -> Superseded:
        """From here on nothing is done; of the last commit the next start finds out."""
        self._lost, self._waits = why, None
        return Superseded(why)

    def _forget_gone(self) -> None:
        """Tidying, which must fail nothing: if it cannot be done now, then the next time."""
        with suppress(StoreUnavailable):
            shipping.forget_gone(self._connected(), self._place.lsn - KEEP_GONE)

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
