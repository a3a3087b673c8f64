"""One thread, one fsync for many, nothing handed out before it is on disk."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from bot.core.errors import ConfigurationError, StoreUnavailable
from bot.store import reading
from bot.store.ledger import Ledger
from bot.store.writer import Writer
from tests.clients import disks
from tests.store.drafts import draft

APPEND_AND_DIE = """
import asyncio, os, pathlib, sys
from bot.store.ledger import Ledger
from bot.store.writer import Writer
from tests.store.drafts import draft

async def main():
    ledger = Ledger(await Writer.open(pathlib.Path(sys.argv[1])))
    for number in range(3):
        await ledger.append(draft(f"key-{number}"))
    os._exit(9)

asyncio.run(main())
"""


async def test_what_was_awaited_survives_the_death_of_the_process(path: Path) -> None:
    command = [sys.executable, "-c", APPEND_AND_DIE, str(path)]
    died = await asyncio.to_thread(subprocess.run, command, timeout=20, check=False)
    writer = await Writer.open(path)
    kept = [entry.key async for entry in Ledger(writer).all()]
    await writer.close()

    assert died.returncode == 9
    assert kept == ["key-0", "key-1", "key-2"]


async def test_writes_that_wait_together_share_their_commits(
    writer: Writer, ledger: Ledger
) -> None:
    before = writer.commits
    await asyncio.gather(*(ledger.append(draft(f"key-{number}")) for number in range(200)))

    assert writer.commits - before <= 10


async def test_what_is_asked_in_one_turn_of_the_loop_is_one_commit(writer: Writer) -> None:
    before = writer.commits
    await asyncio.gather(*(writer.submit(lambda _: None) for _ in range(200)))

    assert writer.commits - before == 1


async def test_a_job_that_fails_is_undone_alone_and_those_beside_it_are_done_once(
    writer: Writer, ledger: Ledger
) -> None:
    def half(db: Database) -> None:
        db.execute("insert into inbox (room, received_at, headers, body) values ('', '', '', x'')")
        raise LookupError("changed its mind")

    def count(db: Database) -> int:
        return int(db.execute("select count(*) from inbox").fetchone()[0])

    taken, gate = threading.Event(), threading.Event()

    def hold(_: Database) -> None:
        taken.set()
        gate.wait(5)

    held = writer.submit(hold)
    await asyncio.to_thread(taken.wait, 5)  # so that all that follows waits for one commit
    before = writer.commits
    together = asyncio.gather(
        ledger.append(draft("before")), writer.submit(half), writer.submit(count),
        ledger.append(draft("after")), return_exceptions=True,
    )  # fmt: skip
    for _ in range(3):
        await asyncio.sleep(0)  # until all of them are on their way to the thread
    gate.set()
    await held
    first, half_done, found, last = await together

    assert isinstance(half_done, LookupError)
    assert (found, writer.commits - before) == (0, 2)  # the one that was held, and one of all these
    assert [one.key async for one in ledger.all()] == ["before", "after"]
    assert [one[0].seq for one in (first, last) if isinstance(one, tuple)] == [1, 2]


async def test_a_caller_that_goes_away_does_not_take_its_job_along(
    writer: Writer, ledger: Ledger
) -> None:
    gate = threading.Event()
    held = writer.submit(lambda _: gate.wait(5))
    waiting = asyncio.gather(ledger.append(draft("left alone")))
    await asyncio.sleep(0)
    waiting.cancel()
    gate.set()
    await held

    assert await ledger.find("left alone") is not None


async def test_a_full_disk_refuses_everything_and_room_again_is_enough(
    writer: Writer, ledger: Ledger
) -> None:
    big = "x" * 20_000
    pages = await writer.do(lambda db: db.execute("pragma page_count").fetchone()[0])
    await writer.do(lambda db: db.execute(f"pragma max_page_count = {pages + 2}").fetchone())

    with pytest.raises(StoreUnavailable, match="full; nothing is done"):
        await ledger.append(draft("too much", body=big))
    await writer.do(lambda db: db.execute("pragma max_page_count = 100000").fetchone())

    assert await ledger.find("too much") is None
    assert (await ledger.append(draft("too much", body=big)))[1]


async def test_a_full_disk_is_noticed_even_when_nobody_has_anything_to_write(
    tmp_path: Path,
) -> None:
    with disks.tmpfs(tmp_path / "disk", 1 << 20) as disk:
        writer = await Writer.open(disk / "heal.db")
        await writer.prove()
        ballast = disks.fill(disk)
        with pytest.raises(StoreUnavailable, match="full; nothing is done"):
            for _ in range(50):  # what the log of writes has room for still is written
                await writer.prove()
        ballast.unlink()
        await writer.prove()
        await writer.close()


async def test_a_commit_that_fails_fails_every_job_in_it(writer: Writer, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        failed = await asyncio.gather(
            *(writer.do(lambda _: None) for _ in range(5)), return_exceptions=True
        )
        other.execute("rollback")

    assert [StoreUnavailable] * 5 == [type(error) for error in failed]
    assert await writer.do(lambda _: "again") == "again"


async def test_an_error_that_takes_the_transaction_with_it_fails_the_jobs_beside_it(
    writer: Writer,
) -> None:
    started, go = threading.Event(), threading.Event()

    def hold(_: Database) -> None:
        started.set()
        go.wait(5)

    def torn(db: Database) -> None:
        db.execute(
            "create temp trigger torn before insert on inbox "
            "begin select raise(rollback, 'torn'); end"
        )
        db.execute("insert into inbox (room, received_at, headers, body) values ('', '', '', x'')")

    held = writer.submit(hold)
    await asyncio.to_thread(started.wait)
    together: list[asyncio.Future[Any]] = [writer.submit(lambda _: 1), writer.submit(torn)]
    go.set()
    await held
    told = await asyncio.gather(*together, return_exceptions=True)

    assert [StoreUnavailable, StoreUnavailable] == [type(each) for each in told]
    assert await writer.do(lambda _: "again") == "again"


async def test_nothing_is_written_to_a_file_that_was_replaced(
    writer: Writer, ledger: Ledger, path: Path
) -> None:
    kept = path.rename(path.with_name("moved.db"))
    path.touch()

    with pytest.raises(StoreUnavailable, match="another file was put in its place"):
        await ledger.append(draft("lost"))
    kept.replace(path)

    assert (await ledger.append(draft("kept")))[1]


async def test_a_second_writer_is_refused_while_the_first_one_lives(
    writer: Writer, path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=f"in use by another process .pid {os.getpid()}"):
        await Writer.open(path)


async def test_a_writer_whose_lock_was_removed_never_writes_again_while_another_may(
    writer: Writer, path: Path
) -> None:
    await Ledger(writer).append(draft("before"))
    path.with_name(f"{path.name}.lock").unlink()
    other = await Writer.open(path)
    await Ledger(other).append(draft("theirs"))
    with pytest.raises(StoreUnavailable, match="its lock was taken away, so start Heal again"):
        await Ledger(writer).append(draft("ours"))
    await other.close()
    path.with_name(f"{path.name}.lock").unlink()
    with pytest.raises(StoreUnavailable, match="its lock was taken away"):
        await writer.prove()

    assert [entry.key for entry in reading.entries(path)] == ["before", "theirs"]


@pytest.mark.parametrize("table", ["inbox", "entry_by_incident"])
async def test_e06_a_damaged_page_that_is_met_once_stops_everything(path: Path, table: str) -> None:
    """What is written nevertheless could only make it worse."""
    first = await Writer.open(path)
    await Ledger(first).append(draft("before"))
    await first.close()
    with closing(sqlite3.connect(path)) as conn:
        sql = "select rootpage from sqlite_schema where name = ?"
        (page,) = conn.execute(sql, [table]).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff\x13" * 2048)
    writer = await Writer.open(path)
    await writer.prove()
    with pytest.raises(StoreUnavailable, match="malformed"):
        await writer.do(lambda db: db.execute(f"select count(*) from {MEETS[table]}").fetchone())

    for attempt in (writer.prove, lambda: Ledger(writer).append(draft("after"))):
        with pytest.raises(StoreUnavailable, match=r"it is damaged: .* last good copy"):
            await attempt()
    await writer.close()


MEETS = {"inbox": "inbox where body = x''", "entry_by_incident": "entry where incident = 'inc-1'"}


async def test_a_start_that_fails_lets_go_of_the_lock(path: Path) -> None:
    path.write_bytes(b"no database" * 100)
    with pytest.raises(ConfigurationError, match="not a database"):
        await Writer.open(path)
    path.unlink()

    await (await Writer.open(path)).close()


async def test_what_was_queued_is_committed_before_it_closes(path: Path) -> None:
    writer = await Writer.open(path)
    queued = [writer.submit(lambda _: "done") for _ in range(600)]
    await writer.close()

    assert {"done"} == {future.result() for future in queued}


async def test_a_closed_writer_takes_nothing_more(path: Path) -> None:
    writer = await Writer.open(path)
    await writer.close()
    await writer.close()

    with pytest.raises(StoreUnavailable, match="going down"):
        await writer.do(lambda _: None)
