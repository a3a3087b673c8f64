"""
Postgres: the one door to psycopg, which is needed only where replicas share a ledger.

A session belongs to one thread. Whatever goes wrong is one of two errors: `Refused`, when Postgres
answered that it did nothing, or `Away`, when no answer came and it may have been done. Neither
names a password, or anything of what was sent.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import quote, unquote

from bot.core.errors import ConfigurationError, StoreUnavailable

if TYPE_CHECKING:
    from psycopg import Connection, Error

CONNECTING = 2
"""Seconds that each host of the address is given."""
ANSWERING = 2.0
"""Seconds after which Postgres gives a statement up by itself: less than Slack's three."""
PATIENCE = 1.5
"""Times as long after which a server that says nothing at all is left."""
IDLE = 30.0
"""Seconds after which Postgres takes back a transaction that nobody goes on with."""
SECRETS = ("password", "sslpassword")
SETTINGS: LiteralString = """
    select set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),
        set_config('idle_in_transaction_session_timeout', %s, false),
        set_config('synchronous_commit', case current_setting('synchronous_commit')
            when 'off' then 'on' else current_setting('synchronous_commit') end, false)
"""
"""The last: a commit that was answered is on disk, whatever the server's own habit is."""


class Refused(StoreUnavailable):
    """Postgres said no, and nothing of what was asked is done; `state` is its SQLSTATE."""

    def __init__(self, message: str, state: str = "") -> None:
        super().__init__(message)
        self.state = state


class Away(StoreUnavailable):
    """No answer came: what was asked may have been done or not."""


class Postgres:
    """A database by its address; without psycopg it cannot be made, which stops the start."""

    def __init__(self, url: str, *, answering: float = ANSWERING) -> None:
        """`answering` is in seconds; a ConfigurationError repeats nothing of the URL."""
        if importlib.util.find_spec("psycopg") is None:
            raise ConfigurationError(
                "HEAL_DATABASE_URL needs the package psycopg, which is not installed: "
                "pip install 'heal-bot[postgres]', or remove that setting"
            )
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        try:
            self._address = conninfo_to_dict(url)
        except (ProgrammingError, ValueError):
            raise ConfigurationError(
                "HEAL_DATABASE_URL is no address of Postgres: write it as "
                "postgresql://heal:password@db.internal:5432/heal, with signs like / and @ in the "
                "password as %2F and %40"
            ) from None
        self._answering = answering

    @property
    def name(self) -> str:
        """Which database it is, for people: no user, no password."""
        told = {key: str(self._address.get(key) or "") for key in ("host", "port", "dbname")}
        return f"Postgres {told['host'] or 'here'}:{told['port'] or 5432}/{told['dbname']}"

    def connect(self) -> Session:
        """Open a session; raises Away when that cannot be done now."""
        from psycopg import Error

        limit = self._answering * PATIENCE
        given: dict[str, Any] = {
            "connect_timeout": CONNECTING,
            "application_name": "heal",
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": int(limit * 1000),
            "target_session_attrs": "read-write",
            **self._address,
            "client_encoding": "utf8",
        }
        try:
            conn = _patient(limit).connect(**given, autocommit=True)
        except Error as error:
            raise Away(f"{self.name} cannot be reached: {self._said(error)}") from None
        session = Session(self, conn)
        most = f"{self._answering * 1000:.0f}"
        try:
            session.rows(SETTINGS, [most, most, f"{IDLE * 1000:.0f}"])
        except StoreUnavailable:
            session.close()
            raise
        return session

    def wrong(self, error: Error) -> Refused | Away:
        """What became of a statement that failed; of what it carried nothing is repeated."""
        from psycopg import DataError, ProgrammingError

        state, severity = error.sqlstate or "", error.diag.severity_nonlocalized
        said = error.diag.message_primary or self._said(error)
        heard = severity == "ERROR" and not state.startswith(("08", "57P"))
        if heard or isinstance(error, DataError | ProgrammingError):
            return Refused(f"{self.name} refuses: {said}", state)
        return Away(f"{self.name} does not answer: {said}")

    def _said(self, error: Error) -> str:
        said = " ".join(str(error).split()) or type(error).__name__
        for word in filter(None, (self._address.get(key) for key in SECRETS)):
            for spelled in (str(word), quote(str(word), safe=""), unquote(str(word))):
                said = said.replace(spelled, "***")
        return said


class Session:
    """One connection; each statement is a transaction of its own unless `together` says else."""

    def __init__(self, server: Postgres, conn: Connection[Any]) -> None:
        self._server = server
        self._conn = conn

    def rows(self, sql: LiteralString, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """
        Do one statement and return what it gives; raises Refused or Away.

        Without values these may be several statements.
        """
        from psycopg import Error

        try:
            found = self._conn.execute(sql, values or None)
            return found.fetchall() if found.description else []
        except Error as error:
            raise self._server.wrong(error) from None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do all inside or nothing; raises Away when the commit was not answered."""
        yield from self._within("begin")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """See inside the database as it stood at one moment; nothing can be written."""
        yield from self._within("begin isolation level repeatable read, read only")

    def close(self) -> None:
        """Hang up; never raises."""
        self._conn.close()

    def _within(self, begin: LiteralString) -> Iterator[None]:
        self.rows(begin)
        done = False
        try:
            yield
            done = True
        finally:
            if not done:
                self._give_up()
        self.rows("commit")

    def _give_up(self) -> None:
        """Take back what was begun; a server that cannot hear it does so by itself."""
        with suppress(StoreUnavailable):
            self.rows("rollback")


def _patient(limit: float) -> type[Connection[Any]]:
    """A connection that waits so many seconds for an answer: a frozen server gives none, ever."""
    from psycopg import Connection

    class Patient(Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            return super().wait(gen, interval, limit if timeout is None else timeout)

    return Patient
