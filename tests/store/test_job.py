"""A job's failure is its own."""

from __future__ import annotations

import asyncio

import pytest
from sqlite_utils import Database

from bot.store.writer import Writer


def keep(db: Database, room: str) -> int:
    sql = "insert into inbox (room, received_at, headers, body) values (?, '', '', x'')"
    return db.execute(sql, [room]).rowcount


def rooms(db: Database) -> list[str]:
    return [row[0] for row in db.execute("select room from inbox order by id")]


async def test_a_job_that_fails_undoes_itself_and_nothing_beside_it(writer: Writer) -> None:
    def half_done(db: Database) -> None:
        keep(db, "bad")
        raise ValueError("half done")

    first, bad, last = await asyncio.gather(
        writer.do(lambda db: keep(db, "first")),
        writer.do(half_done),
        writer.do(lambda db: keep(db, "last")),
        return_exceptions=True,
    )

    assert (first, str(bad), last) == (1, "half done", 1)
    assert await writer.do(rooms) == ["first", "last"]


async def test_a_job_with_a_mistake_in_it_does_not_stop_the_writer(writer: Writer) -> None:
    with pytest.raises(ZeroDivisionError):
        await writer.do(lambda _: 1 / 0)

    assert await writer.do(lambda db: keep(db, "after")) == 1


async def test_an_error_that_no_future_can_carry_is_told_too(writer: Writer) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await writer.do(lambda _: next(iter(())))
