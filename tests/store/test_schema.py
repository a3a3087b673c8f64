"""The triggers keep the ledger append-only, whoever writes to the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.core.errors import ConfigurationError
from bot.store import schema
from bot.store.file import connect
from bot.store.view import View
from tests.store.drafts import draft


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with closing(connect(path, 0)) as opened:
        for number in range(1, 4):
            View(opened).append(draft(f"key-{number}"))
        yield opened


@pytest.fixture
def stranger(db: Database, path: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection: with none of our pragmas."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        yield conn


INSERT = "insert into entry select {seq}, at, incident, actor, kind, {key}, body, {prev}, hash from"
LAST = "(select hash from entry where seq = 3)"


@pytest.mark.parametrize(
    ("forbidden", "why"),
    [
        ("update entry set body = '[]' where seq = 2", "ever changed"),
        ("update entry set seq = 9 where seq = 3", "ever changed"),
        ("delete from entry where seq = 3", "ever deleted"),
        ("replace into entry select * from entry where seq = 3", "no gaps"),
        (f"{INSERT} entry where seq = 3".format(seq=5, key="'new'", prev=LAST), "no gaps"),
        (f"{INSERT} entry where seq = 3".format(seq="null", key="'new'", prev=LAST), "no gaps"),
        (f"{INSERT} entry where seq = 3".format(seq=4, key="'new'", prev="prev"), "is a chain"),
        (
            f"{INSERT} entry where seq = 1".format(seq=4, key="key", prev=LAST).replace(
                "insert", "replace"
            ),
            "records a key once",
        ),
    ],
)
def test_what_was_recorded_stays(stranger: sqlite3.Connection, forbidden: str, why: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=why):
        stranger.execute(forbidden)

    assert stranger.execute("select count(*) from entry").fetchone() == (3,)


def test_the_next_link_of_the_chain_is_let_in(stranger: sqlite3.Connection) -> None:
    stranger.execute(f"{INSERT} entry where seq = 3".format(seq=4, key="'new'", prev=LAST))

    assert stranger.execute("select count(*) from entry").fetchone() == (4,)


def test_a_column_takes_its_own_kind_only(stranger: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="cannot store BLOB value in TEXT column"):
        stranger.execute(f"{INSERT} entry where seq = 3".format(seq=4, key="x'00'", prev=LAST))


def test_migrating_twice_changes_nothing(db: Database) -> None:
    before = db.schema
    schema.migrate(db)

    assert before == db.schema


def test_a_file_of_a_newer_version_is_refused(db: Database) -> None:
    future = "insert into _sqlite_migrations (migration_set, name) values ('heal', '0099_future')"
    db.execute(future)

    with pytest.raises(ConfigurationError, match="newer version of Heal \\(0099_future\\)"):
        schema.migrate(db)
