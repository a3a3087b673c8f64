"""Behind a closed gate nothing begins; what runs has its grace."""

from __future__ import annotations

import asyncio

from bot.durable.gate import Gate
from tests.durable.clocks import HandClock


async def test_closing_waits_for_the_last_act() -> None:
    gate, going, ended = Gate(HandClock()), asyncio.Event(), []

    async def act(number: int) -> None:
        async with gate.act():
            await going.wait()
            ended.append(number)

    async with asyncio.TaskGroup() as group:
        group.create_task(act(1))
        group.create_task(act(2))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.01, going.set)
        await asyncio.wait_for(gate.close(60), 30)

    assert ended == [1, 2]


async def test_closing_waits_no_longer_than_the_grace() -> None:
    clock = HandClock()
    gate = Gate(clock)
    async with gate.act():
        asyncio.get_running_loop().call_later(0.01, clock.tick, 60)

        await asyncio.wait_for(gate.close(60), 30)


async def test_behind_a_closed_gate_nothing_begins() -> None:
    gate, begun = Gate(HandClock()), []
    await gate.close(60)

    async def act() -> None:
        async with gate.act():
            begun.append(1)

    await asyncio.wait({asyncio.get_running_loop().create_task(act())}, timeout=0.01)

    assert begun == []


async def test_an_act_waits_for_leave_and_is_not_begun_when_the_gate_closed_meanwhile() -> None:
    asked, given, begun = asyncio.Event(), asyncio.Event(), []

    async def leave() -> None:
        asked.set()
        await given.wait()

    gate = Gate(HandClock(), leave)

    async def act() -> None:
        async with gate.act():
            begun.append(1)

    first = asyncio.get_running_loop().create_task(act())
    await asked.wait()
    assert begun == []
    given.set()
    await first
    assert begun == [1]

    given.clear()
    asked.clear()
    late = asyncio.get_running_loop().create_task(act())
    await asked.wait()
    await gate.close(0)
    given.set()
    await asyncio.wait({late}, timeout=0.01)
    late.cancel()
    assert begun == [1]
