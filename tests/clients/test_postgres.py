"""What goes wrong with Postgres is told apart: it said no, or nobody knows; no secret is told."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

import pytest

from bot.clients.postgres import Away, Refused, Session
from bot.clients.postgres import Postgres as Server
from bot.core.errors import ConfigurationError
from tests.clients.postgreses import PASSWORD, Postgres


@contextmanager
def session(url: str, answering: float = 2.0) -> Iterator[Session]:
    opened = Server(url, answering=answering).connect()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("wrong", "sql"),
    [
        ("selec 1", "syntax error"),
        ("insert into kept values ('secret')", "duplicate key"),
        ("insert into kept values (null)", "null value"),
        ("select pg_sleep(60)", "statement timeout"),
        ("do $$ begin raise exception 'no'; end $$", "refuses: no"),
    ],
)
def test_a_no_is_known_to_have_done_nothing_and_repeats_nothing(
    schema_url: str, wrong: LiteralString, sql: str
) -> None:
    with session(schema_url, answering=0.2) as it:
        it.rows("create table kept (what text primary key)")
        it.rows("insert into kept values ('secret')")
        with pytest.raises(Refused, match=sql) as told:
            it.rows(wrong)

        assert "secret" not in str(told.value)
        assert it.rows("select what from kept") == [("secret",)]


def test_what_no_column_can_hold_is_refused_before_it_is_sent(schema_url: str) -> None:
    with session(schema_url) as it, pytest.raises(Refused, match="NUL"):
        it.rows("select %s::text", ["secret \0"])


def test_a_session_that_was_ended_leaves_open_what_was_done(
    postgres: Postgres, database_url: str
) -> None:
    with session(database_url) as it:
        [(pid,)] = it.rows("select pg_backend_pid()")
        with postgres.admin() as admin:
            admin.execute("select pg_terminate_backend(%s, 5000)", [pid])
        with pytest.raises(Away):
            it.rows("select 1")


def test_a_frozen_server_is_waited_for_so_long_and_not_for_ever(schema_url: str) -> None:
    with session(schema_url, answering=0.2) as it:
        [(pid,)] = it.rows("select pg_backend_pid()")
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(Away, match="does not answer"):
                it.rows("select 1")
        finally:
            os.kill(pid, signal.SIGCONT)


def test_what_is_done_together_is_done_or_not(schema_url: str) -> None:
    with session(schema_url) as it:
        it.rows("create table kept (what text)")
        with pytest.raises(Refused), it.together():
            it.rows("insert into kept values ('undone')")
            it.rows("selec 1")
        with it.together():
            it.rows("insert into kept values ('done')")

        assert it.rows("select what from kept") == [("done",)]


def test_a_snapshot_sees_nothing_newer_and_writes_nothing(schema_url: str) -> None:
    with session(schema_url) as it, session(schema_url) as other:
        it.rows("create table kept (what text)")
        with it.snapshot():
            assert it.rows("select what from kept") == []
            other.rows("insert into kept values ('newer')")
            assert it.rows("select what from kept") == []
        with pytest.raises(Refused, match="read-only"), it.snapshot():
            it.rows("insert into kept values ('never')")


def test_a_commit_waits_for_the_disk_even_where_the_server_would_not(
    postgres: Postgres, database_url: str
) -> None:
    with postgres.admin() as admin:
        name = database_url.rpartition("/")[2]
        admin.execute(f"alter database {name} set synchronous_commit = off")

    with session(database_url) as it:
        assert it.rows("show synchronous_commit") == [("on",)]


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://heal:{PASSWORD}%zz@127.0.0.1/heal",
        f"postgresql://heal:{PASSWORD}@127.0.0.1/heal?nonsense={PASSWORD}",
        f"host=127.0.0.1 password='{PASSWORD}",
        f"{PASSWORD}",
    ],
)
def test_what_is_no_address_stops_the_start_and_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="HEAL_DATABASE_URL is no address") as told:
        Server(url)

    assert "hunter22" not in f"{told.value!r} {told.value.__cause__!r}"


@pytest.mark.parametrize("password", [PASSWORD, "p%40ss%2Fword"])
def test_a_password_that_is_not_taken_is_not_told(database_url: str, password: str) -> None:
    server = Server(database_url.replace(PASSWORD, password).replace("heal:", "nobody:"))
    with pytest.raises(Away, match=r"cannot be reached: .*authentication failed") as told:
        server.connect()

    said = f"{told.value} {told.value.__cause__!r} {server!r} {server.name}"
    assert not [word for word in (password, "p@ss/word") if word in said]


def test_a_name_that_repeats_the_password_does_not_tell_it(postgres: Postgres) -> None:
    with pytest.raises(Away, match=r"database \"\*\*\*\" does not exist") as told:
        Server(postgres.url(PASSWORD)).connect()
    assert PASSWORD not in str(told.value).replace(f"/{PASSWORD}", "")
