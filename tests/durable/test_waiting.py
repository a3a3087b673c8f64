"""Waiting ends with the bell or the time, and a ledger is asked until it answers."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.errors import StoreUnavailable
from bot.durable.waiting import Bell, written
from tests.durable.clocks import HandClock
from tests.durable.houses import until


async def test_the_bell_ends_a_wait_at_once_and_nothing_is_left_behind() -> None:
    clock, bell = HandClock(), Bell()
    before = len(asyncio.all_tasks())
    asyncio.get_running_loop().call_later(0.01, bell.ring)
    await bell.wait_at_most(1000, clock)

    assert len(asyncio.all_tasks()) == before


async def test_the_time_ends_a_wait_for_a_bell_that_never_rings() -> None:
    clock = HandClock()
    asyncio.get_running_loop().call_later(0.01, clock.tick, 30)

    await asyncio.wait_for(Bell().wait_at_most(30, clock), 20)


async def test_a_ledger_that_cannot_be_written_is_asked_again_and_it_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, answers = HandClock(), [StoreUnavailable("disk full"), StoreUnavailable("still"), None]

    async def ask() -> str:
        if error := answers.pop(0):
            raise error
        return "written"

    async with asyncio.TaskGroup() as group:
        answer = group.create_task(written(clock, ask))
        for _ in range(2):
            await until(lambda: clock.asleep)
            clock.tick(1)

    assert answer.result() == "written"
    assert [record.getMessage() for record in caplog.records] == [
        "disk full; trying again every 1 s"
    ]
