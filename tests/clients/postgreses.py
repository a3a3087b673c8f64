"""A real Postgres on loopback, new and empty, and a database of its own for each test."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

PASSWORD = "hunter22-of-heal"
"""Stands in every address, and must stand in no message."""
OPTIONS = (
    *("-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60"),
    *("-c", "shared_buffers=32MB", "-c", "log_min_messages=fatal"),
)
FAST = ("-c", "fsync=off", "-c", "full_page_writes=off")
"""A crash of the server loses nothing by it; a crash of the machine, which no test makes, would."""
SCHEMAS = "schemas"
"""The database in which tests that need none of their own have a schema each."""
_NUMBERS = itertools.count(1)


def program(name: str) -> Path | None:
    """Where Debian keeps it, the newest version first, or on the PATH; None = nowhere."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(versions, key=lambda one: float(one.parts[-3]), reverse=True)
    found = shutil.which(name)
    return next(iter(newest), Path(found) if found else None)


@dataclass
class Postgres:
    """`heal` is who the product comes in as: owner of its database, and not a superuser."""

    folder: Path
    port: int
    options: tuple[str, ...]
    _running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, database: str, user: str = f"heal:{PASSWORD}") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        """Come in as the superuser, who is never what the product uses."""
        where = f"host={self.folder} port={self.port} user=postgres dbname={database}"
        return psycopg.connect(where, autocommit=True)

    def start(self) -> None:
        server = program("postgres")
        assert server is not None, "it was made, so it is there"
        self._running = _as_its_user(
            [server, "-D", self.folder / "kept", "-k", self.folder, "-p", self.port, *self.options]
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError), self.admin():
                return
            time.sleep(0.02)
        raise AssertionError("Postgres did not get ready")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT is an immediate stop, as if it were killed; SIGINT lets it write down all."""
        assert self._running is not None, "it runs"
        self._running.send_signal(how)
        self._running.wait(30)
        self._running = None

    def restart(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """What was committed stands, all connections are gone."""
        self.stop(how)
        self.start()

    @property
    def runs(self) -> bool:
        return self._running is not None

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make one and drop it, whoever is still connected; its address, password included."""
        name = f"heal_{next(_NUMBERS)}"
        with self.admin() as admin:
            admin.execute(f"create database {name} owner heal")
        try:
            yield self.url(name)
        finally:
            if not self.runs:
                self.start()
            with self.admin() as admin:
                admin.execute(f"drop database if exists {name} with (force)")

    @contextmanager
    def schema(self, database: str) -> Iterator[str]:
        """Make one in a database, ten times as fast as another database; its address."""
        name = f"of_{next(_NUMBERS)}"
        with self.admin(database) as admin:
            admin.execute(f"create schema {name} authorization heal")
            yield f"{self.url(database)}?options=-csearch_path%3D{name}"
            admin.execute(f"drop schema {name} cascade")


@contextmanager
def a_postgres(*options: str) -> Iterator[Postgres]:
    """Start a server, skip where there is none; with FAST it does not wait for the disk."""
    initdb = program("initdb")
    if initdb is None:
        pytest.skip("not run: no postgres")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, _nobody().pw_uid, _nobody().pw_gid)
        made = _as_its_user(
            [
                *(initdb, "-D", folder / "kept", "-U", "postgres", "--no-sync", "--no-locale"),
                *("-E", "UTF8", "--auth-local=trust", "--auth-host=scram-sha-256"),
            ]
        )
        assert made.wait(60) == 0, "initdb failed"
        server = Postgres(folder, port, (*OPTIONS, *options))
        try:
            server.start()
            with server.admin() as admin:
                admin.execute(f"create role heal login password '{PASSWORD}'")
                admin.execute(f"create database {SCHEMAS} owner heal")
            yield server
        finally:
            if server.runs:
                server.stop()


def _as_its_user(command: list[object]) -> subprocess.Popen[bytes]:
    """Neither initdb nor the server lets root start it."""
    user = _nobody() if os.geteuid() == 0 else None
    return subprocess.Popen(
        [str(word) for word in command],
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        extra_groups=() if user else None,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One a test process; ask for `postgres` and stop it when a test has to."""
    with a_postgres(*FAST) as started:
        yield started


@pytest.fixture
def postgres(postgres_server: Postgres) -> Iterator[Postgres]:
    """The server itself, which runs again when the test has ended."""
    yield postgres_server
    if not postgres_server.runs:
        postgres_server.start()


@pytest.fixture
def database_url(postgres_server: Postgres) -> Iterator[str]:
    """An empty database, gone when the test has ended."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def schema_url(postgres_server: Postgres) -> Iterator[str]:
    """An empty schema, gone when the test has ended: for many small tests."""
    with postgres_server.schema(SCHEMAS) as url:
        yield url
