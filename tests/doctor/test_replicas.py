"""What the doctor says of a Postgres that replicas share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from bot.clients import seats
from bot.clients.databases import DatabaseSettings
from bot.clients.postgres import Session
from bot.clients.seats import Me
from bot.doctor import replicas
from bot.doctor.finding import Finding, State
from tests.clients.postgreses import PASSWORD, Postgres

ANNA, BERT = Me("anna", "secret-of-anna"), Me("bert", "secret-of-bert")


async def told(url: str) -> list[Finding]:
    settings = DatabaseSettings.model_validate({"url": url})
    patient: Any = SimpleNamespace(configured=lambda *_: settings)
    return list(await replicas.reached(patient))


def says(findings: list[Finding]) -> list[tuple[State, str]]:
    return [(one.state, one.found) for one in findings]


@asynccontextmanager
async def joined(url: str, *members: tuple[Me, str, int]) -> AsyncIterator[None]:
    """Members that were heard of just now, of whom the first is active."""
    session = await seats.Session.open(url, ANNA, 30)
    try:
        for me, address, applied in members:
            await session.look(me, address, applied)
        await session.begin(members[0][0])
        yield
    finally:
        await session.close()


async def test_without_the_setting_nothing_is_asked() -> None:
    assert await told("") == []


async def test_an_empty_database_can_be_used(database_url: str) -> None:
    [found] = says(await told(database_url))
    assert found == (State.OK, "Postgres can be used; no replica was started yet")


async def test_it_names_who_is_active_and_how_far_the_others_are(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute("create table heal_entry (seq bigint)")
        conn.execute("insert into heal_entry values (5000)")
    async with joined(database_url, (ANNA, "http://a:1", 9), (BERT, "http://b:1", 4990)):
        found = await told(database_url)
        assert says(found) == [
            (State.OK, "anna is active, in epoch 1; standing by: bert"),
            (State.OK, "the file of bert is 10 entries behind"),
        ]
    async with joined(database_url, (BERT, "http://b:1", 9), (ANNA, "http://b:1", 9)):
        far, same = (await told(database_url))[1:]
        assert (far.state, far.found) == (
            State.WARNING, "the file of anna is 4991 entries behind",
        )  # fmt: skip
        assert same.found == "several replicas say that they are reached at http://b:1"
        assert "secret-of" not in str(found)


async def test_members_without_an_active_one_are_a_warning(database_url: str) -> None:
    async with joined(database_url, (ANNA, "http://a:1", 0), (BERT, "http://b:1", 0)):
        with psycopg.connect(database_url) as conn:
            conn.execute("update heal_seat set executor = 'somebody-dead'")
        [found] = says(await told(database_url))

    assert found == (State.WARNING, "nobody is active; anna, bert stand by")


async def test_a_database_that_does_not_answer_fails_without_its_password(
    postgres: Postgres, database_url: str
) -> None:
    postgres.stop()
    [found] = await told(database_url)

    assert found.state is State.FAILED
    assert "no replica acts" in found.remedy
    assert PASSWORD not in str(found)


async def test_an_address_that_is_none_fails() -> None:
    [found] = await told("postgresql://[")

    assert (found.state, found.name) == (State.FAILED, "replicas")


async def test_a_user_without_rights_is_told_what_to_grant(
    postgres: Postgres, database_url: str
) -> None:
    with postgres.admin(database_url.rpartition("/")[2]) as admin:
        admin.execute("drop schema public cascade")
        admin.execute("create schema public")
    [found, _] = await told(database_url)

    assert (found.state, found.found) == (State.FAILED, "its user may not make Heal's tables")


@pytest.mark.parametrize(
    ("pid", "version", "said"),
    [
        (7, 150_000, "gives its connections to others"),
        (8, 130_012, "Postgres is of version 13"),
    ],
)
def test_a_pool_between_and_an_old_server_are_seen(pid: int, version: int, said: str) -> None:
    class Answers:
        def __init__(self, pid: int) -> None:
            self._pid = pid

        def rows(self, sql: str) -> list[tuple[object, ...]]:
            return [(self._pid, version, True, True)] if "version" in sql else [(self._pid,)]

    one: Session = Answers(7)  # type: ignore[assignment]
    other: Session = Answers(pid)  # type: ignore[assignment]
    [found] = replicas._carries(one, other)

    assert found.state is State.FAILED
    assert said in found.found
