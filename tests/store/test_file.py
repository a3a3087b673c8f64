"""The file is opened for durability, or refused with a remedy."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import ConfigurationError
from bot.store.file import connect


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("recursive_triggers", 1),
        ("busy_timeout", 1500),
    ],
)
def test_a_commit_is_on_disk_and_the_rules_are_on(path: Path, pragma: str, value: object) -> None:
    with closing(connect(path, 1.5)) as db:
        assert value == db.execute(f"pragma {pragma}").fetchone()[0]


def test_only_its_owner_may_read_the_evidence(path: Path) -> None:
    with closing(connect(path, 0)) as db:
        db.execute("insert into inbox (room, received_at, headers, body) values ('', '', '', x'')")
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}

    assert modes == {"heal.db": 0o600, "heal.db-wal": 0o600, "heal.db-shm": 0o600}


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"a shopping list, and no database" * 100)

    with pytest.raises(ConfigurationError, match=r"not a database.*put back the last good copy"):
        connect(path, 0)

    assert path.read_bytes().startswith(b"a shopping list")


def test_a_file_that_another_program_holds_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin exclusive")

        with pytest.raises(ConfigurationError, match="locked"):
            connect(path, 0)
