"""The SQLite file: opened so that a commit is on disk when it returns, or refused with a remedy."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from pathlib import Path

from sqlite_utils import Database

from bot.core.errors import ConfigurationError
from bot.store import schema, sightings, wal


def connect(path: Path, busy: float) -> Database:
    """
    Open the file, newly made if need be, at this version's schema.

    `busy` is how many seconds a write waits while another program holds the file. The
    connection may be handed to one other thread. Raises ConfigurationError.
    """
    try:
        path.touch(mode=0o600)  # SQLite gives its side files the same rights
        wal.insist(path)
        with ExitStack() as undo:
            conn = sqlite3.connect(
                path, timeout=busy, isolation_level=None, check_same_thread=False
            )
            undo.callback(conn.close)
            db = _prepared(conn)
            undo.pop_all()
            return db
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(
            f"{path} cannot be opened as a ledger: {error}; if the file is damaged, keep it as "
            "evidence, put back the last good copy (with its -wal file) and start again"
        ) from error


def _prepared(conn: sqlite3.Connection) -> Database:
    """Set what belongs to a connection; plug-ins of sqlite-utils stay out of the evidence."""
    mode = conn.execute("pragma journal_mode = wal").fetchone()[0]
    if mode != "wal":
        raise sqlite3.OperationalError(f"its disk allows journal mode {mode} only, WAL is needed")
    for pragma in ("synchronous = full", "foreign_keys = on", "trusted_schema = off"):
        conn.execute(f"pragma {pragma}")
    db = Database(conn, recursive_triggers=True, execute_plugins=False)
    schema.migrate(db)
    sightings.insist(db)
    return db
