"""Postgres has a commit before the file has it, and who does not act any more commits nothing."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.clients.postgres import Postgres as Server
from bot.core.errors import StoreUnavailable, Superseded
from bot.store import reading
from bot.store.ledger import Ledger
from bot.store.shared.sharing import Shared
from bot.store.writer import Writer
from tests.clients.postgreses import Postgres
from tests.store import sharers
from tests.store.drafts import draft
from tests.store.wires import Cut, wire

DIE = """
import asyncio, os, pathlib, sys
from bot.clients.postgres import Postgres
from bot.store.ledger import Ledger
from bot.store.shared.sharing import Shared
from bot.store.writer import Writer
from tests.store.drafts import draft

class Mortal(Shared):
    dies = ""

    def ship(self, conn):
        if self.dies == "before":
            os._exit(9)
        super().ship(conn)
        if self.dies == "between":
            os._exit(9)

async def main(path, url, epoch, dies):
    shared = Mortal(Postgres(url), int(epoch))
    ledger = Ledger(await Writer.open(pathlib.Path(path), shared=shared))
    await ledger.append(draft("first"))
    shared.dies = dies
    await ledger.append(draft("last"))

asyncio.run(main(*sys.argv[1:]))
"""


def in_postgres(url: str) -> list[str]:
    """The keys that Postgres holds."""
    session = Server(url).connect()
    found = session.rows("select key from heal_entry order by seq")
    session.close()
    return [key for (key,) in found]


def in_file(path: Path) -> list[str]:
    return [entry.key for entry in reading.entries(path)]


async def test_what_was_awaited_is_in_postgres_and_in_the_file(path: Path, schema_url: str) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await asyncio.gather(*(Ledger(writer).append(draft(f"key-{n}")) for n in range(20)))

    assert in_postgres(schema_url) == in_file(path) == [f"key-{n}" for n in range(20)]
    await writer.close()


async def test_reading_asks_nothing_of_postgres(
    path: Path, postgres: Postgres, database_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(database_url))
    ledger = Ledger(writer)
    await ledger.append(draft("kept"))
    postgres.stop()

    assert await ledger.find("kept") is not None
    await writer.close()


@pytest.mark.parametrize(("dies", "kept"), [("before", ["first"]), ("between", ["first", "last"])])
async def test_who_dies_around_the_commit_of_postgres_goes_on_with_what_postgres_has(
    path: Path, schema_url: str, dies: str, kept: list[str]
) -> None:
    epoch = sharers.shared(schema_url).epoch
    command = [sys.executable, "-c", DIE, str(path), schema_url, str(epoch), dies]
    died = await asyncio.to_thread(subprocess.run, command, timeout=60, check=False)
    left = in_file(path)
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await Ledger(writer).append(draft("next"))
    await writer.close()

    assert (died.returncode, left) == (9, ["first"])
    assert in_postgres(schema_url) == in_file(path) == [*kept, "next"]


async def test_a_zombie_commits_nothing_and_hears_that_it_has_to_end(
    path: Path, schema_url: str
) -> None:
    zombie = await Writer.open(path, shared=sharers.shared(schema_url))
    ledger = Ledger(zombie)
    await ledger.append(draft("in time"))
    other = await Writer.open(path.with_name("other.db"), shared=sharers.shared(schema_url))
    with pytest.raises(Superseded, match="another replica acts, in epoch 2; ours was 1"):
        await ledger.append(draft("too late"))
    with pytest.raises(Superseded):
        await ledger.find("in time")
    await asyncio.wait_for(zombie.superseded.wait(), 5)
    await Ledger(other).append(draft("theirs"))

    assert in_postgres(schema_url) == ["in time", "theirs"]
    assert in_file(path) == ["in time"]
    await zombie.close()
    await other.close()


async def test_a_zombie_is_not_ready(path: Path, schema_url: str) -> None:
    zombie = await Writer.open(path, shared=sharers.shared(schema_url))
    await zombie.prove()
    sharers.shared(schema_url)

    with pytest.raises(Superseded):
        await zombie.prove()
    await zombie.close()


async def test_nothing_is_done_while_postgres_is_away_and_all_of_it_once_it_is_back(
    path: Path, postgres: Postgres, database_url: str
) -> None:
    shared = sharers.shared(database_url)
    writer = await Writer.open(path, shared=shared)
    ledger = Ledger(writer)
    postgres.stop()
    first = asyncio.ensure_future(ledger.append(draft("under way")))  # its session was cut
    while not shared.unsettled:
        await asyncio.sleep(0.01)
    with pytest.raises(StoreUnavailable, match="nothing is done until it can be"):
        await ledger.append(draft("refused"))
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await writer.prove()
    postgres.start()
    assert (await first)[1]
    assert (await ledger.append(draft("again")))[1]

    assert in_postgres(database_url) == in_file(path) == ["under way", "again"]
    await writer.close()


async def test_h01_a_postgres_that_was_restarted_is_found_again_and_nobody_notices(
    path: Path, postgres: Postgres, database_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(database_url))
    ledger = Ledger(writer)
    for how in (signal.SIGQUIT, signal.SIGINT):
        postgres.restart(how)
        await ledger.append(draft(how.name))

    assert in_postgres(database_url) == in_file(path) == ["SIGQUIT", "SIGINT"]
    await writer.close()


@pytest.mark.parametrize("cut", [Cut.QUESTION, Cut.ANSWER, Cut.END], ids=lambda cut: cut.value)
async def test_a_commit_whose_answer_was_lost_is_done_once_and_nothing_else_before_it(
    path: Path, postgres: Postgres, database_url: str, cut: Cut
) -> None:
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(wire(postgres.port))
        url = database_url.replace(f":{postgres.port}/", f":{line.port}/")
        epoch = (await asyncio.to_thread(sharers.shared, database_url)).epoch
        writer = await Writer.open(path, shared=Shared(Server(url), epoch))
        stack.push_async_callback(writer.close)
        ledger = Ledger(writer)
        heard: list[str] = []
        ledger.subscribe(lambda entry: heard.append(entry.key))
        await ledger.append(draft("before"))
        line.break_at(cut)
        lost = asyncio.ensure_future(ledger.append(draft("lost")))
        await asyncio.wait_for(line.tried.wait(), 20)
        with pytest.raises(StoreUnavailable):
            await ledger.append(draft("meanwhile"))
        with pytest.raises(StoreUnavailable):
            await ledger.find("before")
        there = await asyncio.to_thread(in_postgres, database_url)
        line.mend()

        assert (await asyncio.wait_for(lost, 20))[1]
        assert there == (["before"] if cut is Cut.QUESTION else ["before", "lost"])
        await ledger.append(draft("after"))
    assert heard == ["before", "lost", "after"]
    assert in_postgres(database_url) == in_file(path) == heard


async def test_who_goes_down_in_doubt_waits_for_nobody_and_finds_out_at_its_next_start(
    path: Path, postgres: Postgres, database_url: str
) -> None:
    async with wire(postgres.port) as line:
        url = database_url.replace(f":{postgres.port}/", f":{line.port}/")
        epoch = (await asyncio.to_thread(sharers.shared, database_url)).epoch
        writer = await Writer.open(path, shared=Shared(Server(url), epoch))
        line.break_at(Cut.ANSWER)
        lost = asyncio.ensure_future(Ledger(writer).append(draft("lost")))
        await asyncio.wait_for(line.tried.wait(), 20)
        await writer.close()
        with pytest.raises(StoreUnavailable):
            await lost
    again = await Writer.open(path, shared=sharers.shared(database_url))

    assert await Ledger(again).find("lost") is not None
    await again.close()


class FullAtTheEnd(Shared):
    """A disk that is full just when Postgres has committed, for so many times."""

    full = 0

    def ship(self, conn: sqlite3.Connection) -> None:
        super().ship(conn)
        self._spend()

    def settle(self, conn: sqlite3.Connection) -> None:
        self._spend()
        super().settle(conn)

    def _spend(self) -> None:
        if self.full:
            self.full -= 1
            raise sqlite3.OperationalError("database or disk is full")


async def test_a_file_that_cannot_take_what_postgres_has_takes_it_before_anything_else(
    path: Path, schema_url: str
) -> None:
    shared = FullAtTheEnd(Server(schema_url), sharers.shared(schema_url).epoch)
    writer = await Writer.open(path, shared=shared)
    ledger = Ledger(writer)
    shared.full = 2
    late, after = await asyncio.gather(ledger.append(draft("late")), ledger.append(draft("after")))

    assert (late[1], after[1]) == (True, True)
    assert in_postgres(schema_url) == in_file(path) == ["late", "after"]
    await writer.close()


async def test_a_database_that_was_put_back_to_an_earlier_day_is_not_written_over(
    path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await Ledger(writer).append(draft("kept"))
    session = Server(schema_url).connect()
    session.rows("update heal_state set lsn = 0")

    with pytest.raises(Superseded, match="begin anew from what Postgres says"):
        await Ledger(writer).append(draft("next"))
    session.close()
    await writer.close()


async def test_what_postgres_cannot_hold_fails_alone(path: Path, schema_url: str) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    ledger = Ledger(writer)
    nul, long, sound = await asyncio.gather(
        ledger.append(draft("a \0 in a key")),
        ledger.append(draft("k" * 3000)),
        ledger.append(draft("sound")),
        return_exceptions=True,
    )

    assert isinstance(nul, sqlite3.IntegrityError)
    assert isinstance(long, sqlite3.IntegrityError)
    assert isinstance(sound, tuple)
    assert in_postgres(schema_url) == ["sound"]
    await writer.close()


async def test_the_file_of_who_shared_once_and_writes_alone_now_claims_to_follow_nobody(
    path: Path, schema_url: str
) -> None:
    writer = await Writer.open(path, shared=sharers.shared(schema_url))
    await Ledger(writer).append(draft("shared"))
    await writer.close()
    alone = await Writer.open(path)
    followed = await alone.do(lambda db: db.execute("select * from followed").fetchall())
    await alone.close()

    assert followed == []


async def test_what_postgres_refuses_is_not_done_and_nobody_waits_for_it(
    path: Path, schema_url: str
) -> None:
    epoch = sharers.shared(schema_url).epoch
    shared = Shared(Server(schema_url, answering=0.2), epoch)
    writer = await Writer.open(path, shared=shared)
    ledger = Ledger(writer)
    await ledger.append(draft("before"))
    other = Server(schema_url).connect()
    with other.together():
        other.rows("select from heal_state for update")
        with pytest.raises(StoreUnavailable, match="timeout; nothing is done until it can be"):
            await asyncio.wait_for(ledger.append(draft("refused")), 20)
    other.close()
    await ledger.append(draft("after"))

    assert in_postgres(schema_url) == in_file(path) == ["before", "after"]
    await writer.close()
