"""The seat in a real Postgres, and the same of the one in memory that other tests play with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import psycopg
import pytest

from bot.clients import seats
from bot.clients.seats import Me
from bot.core.errors import ConfigurationError, StoreUnavailable
from bot.durable.member import Session
from tests.clients.postgreses import PASSWORD, Postgres
from tests.clients.seats import Seats

ANNA, BERT = Me("anna", "token-a"), Me("bert", "token-b")
Connect = Callable[[Me], Awaitable[Session]]


@pytest.fixture(params=["in memory", "real"])
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Connect]:
    memory = Seats()
    url = request.getfixturevalue("database_url") if request.param == "real" else ""

    async def connect(me: Me) -> Session:
        session: Session = await seats.Session.open(url, me, 30) if url else await memory.connect()
        opened.push_async_callback(session.close)
        return session

    async with AsyncExitStack() as opened:
        yield connect


async def test_one_has_the_lock_and_the_next_has_it_once_that_session_is_gone(
    connect: Connect,
) -> None:
    anna, bert = await connect(ANNA), await connect(BERT)

    assert await anna.lock()
    assert not await bert.lock()
    await anna.close()
    async with asyncio.timeout(180):
        while not await bert.lock():
            await asyncio.sleep(0)


async def test_each_who_begins_counts_the_epoch_up_and_all_see_where_it_is(
    connect: Connect,
) -> None:
    anna, bert = await connect(ANNA), await connect(BERT)
    await anna.look(ANNA, "http://a:1", 0)
    await bert.look(BERT, "http://b:1", 0)

    assert await anna.begin(ANNA) == 1
    assert (await bert.look(BERT, "http://b:1", 0)).seat == (1, "anna", "http://a:1", "token-a")
    assert await bert.begin(BERT) == 2
    assert not await anna.again(1)
    assert await bert.again(2)
    assert (await anna.look(ANNA, "http://a:1", 0)).seat == (2, "bert", "http://b:1", "token-b")


async def test_who_had_the_seat_is_known_until_it_gives_it_back(connect: Connect) -> None:
    cleo = Me("cleo", "token-c", "process-c")
    anna, other, bert = await connect(ANNA), await connect(cleo), await connect(BERT)
    await anna.look(ANNA, "http://a:1", 0)
    await other.look(cleo, "http://c:1", 0)
    await bert.look(BERT, "http://b:1", 0)
    assert await bert.acted(BERT) == []
    await anna.begin(ANNA)
    await other.begin(cleo)

    assert sorted(await bert.acted(BERT)) == ["", "process-c"]
    assert await other.acted(cleo) == [""]
    await anna.resign(ANNA)
    assert await bert.acted(BERT) == ["process-c"]


async def test_who_resigns_leaves_the_seat_to_nobody_and_who_has_it_not_leaves_it_alone(
    connect: Connect,
) -> None:
    anna, bert = await connect(ANNA), await connect(BERT)
    await anna.look(ANNA, "http://a:1", 0)
    await anna.begin(ANNA)

    await bert.resign(BERT)
    assert (await bert.look(BERT, "", 0)).seat.executor == "anna"
    await anna.resign(ANNA)
    assert (await bert.look(BERT, "", 0)).seat == (1, "", "", "")


async def test_what_is_gone_says_so(connect: Connect) -> None:
    anna = await connect(ANNA)
    await anna.close()

    with pytest.raises(StoreUnavailable, match="Postgres does not answer"):
        await anna.look(ANNA, "", 0)


async def test_a_session_of_which_nothing_is_heard_loses_the_lock(
    postgres: Postgres, database_url: str
) -> None:
    silent = await seats.Session.open(database_url, ANNA, 0.2)
    assert await silent.lock()
    with postgres.admin(database_url.rpartition("/")[2]) as admin:
        held = "select count(*) from pg_locks where locktype = 'advisory'"
        while admin.execute(held).fetchone() != (0,):
            pass

    with pytest.raises(StoreUnavailable, match="Postgres does not answer"):
        await silent.look(ANNA, "", 0)
    await silent.close()


async def test_a_commit_that_is_under_way_is_waited_for(database_url: str) -> None:
    session = await seats.Session.open(database_url, ANNA, 30)
    with psycopg.connect(database_url) as other, other.transaction():
        other.execute("select epoch from heal_seat for share")
        assert await session.begin(ANNA) is None
    assert await session.begin(ANNA) == 1
    await session.close()


async def test_a_name_that_nobody_may_use_is_a_mistake_with_its_setting_and_no_password(
    postgres: Postgres, database_url: str
) -> None:
    with postgres.admin(database_url.rpartition("/")[2]) as admin:
        admin.execute("create role guest login password 'open'")
        admin.execute("revoke all on schema public from public")
    try:
        with pytest.raises(ConfigurationError, match="HEAL_DATABASE_URL: Postgres says") as told:
            await seats.Session.open(
                database_url.replace(f"heal:{PASSWORD}", "guest:open"), ANNA, 30
            )
        assert "open" not in str(told.value)
    finally:
        with postgres.admin(database_url.rpartition("/")[2]) as admin:
            admin.execute("drop role guest")


async def test_a_wrong_password_is_told_without_it(database_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="authentication failed") as told:
        await seats.Session.open(database_url.replace(PASSWORD, "guessed!"), ANNA, 30)
    assert "guessed" not in str(told.value)
