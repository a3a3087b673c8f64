"""The server that other tests stand on is what they believe it to be."""

from __future__ import annotations

import psycopg
import pytest

from tests.clients.postgreses import PASSWORD, Postgres


def test_each_test_has_a_database_of_its_own_and_what_was_committed_survives_a_crash(
    postgres: Postgres, database_url: str
) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute("create table kept (what text)")
        conn.execute("insert into kept values ('it')")
    with postgres.database() as other, psycopg.connect(other) as conn:
        assert conn.execute("select to_regclass('kept')").fetchone() == (None,)
    postgres.restart()

    with psycopg.connect(database_url) as conn:
        assert conn.execute("select what from kept").fetchone() == ("it",)


def test_it_lets_nobody_in_without_the_password(postgres: Postgres, database_url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(database_url.replace(PASSWORD, "guessed"))
