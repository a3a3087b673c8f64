"""The clock for looks: it calls, it does not overtake itself, and it stops."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.clock import Clock
from bot.timers import Timers


async def test_a_look_is_called_again_and_again_until_it_is_stopped() -> None:
    calls: list[int] = []
    timers = Timers()

    async def look() -> None:
        calls.append(1)

    timers.every(timedelta(milliseconds=20), "look", look)
    timers.start()
    while len(calls) < 3:
        await Clock().sleep(0.01)
    timers.stop()
    await Clock().sleep(0.02)
    seen = len(calls)
    await Clock().sleep(0.1)

    assert len(calls) == seen


async def test_a_slow_look_is_not_overtaken_by_the_next() -> None:
    busy, most = 0, 0
    timers = Timers()

    async def look() -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await Clock().sleep(0.1)
        busy -= 1

    timers.every(timedelta(milliseconds=10), "slow", look)
    timers.start()
    await Clock().sleep(0.25)
    timers.stop()
    await Clock().sleep(0.15)

    assert most == 1


async def test_stopping_what_was_never_started_is_no_error() -> None:
    Timers().stop()


async def test_a_name_calls_one_look_the_last_and_none_when_it_is_dropped() -> None:
    calls: list[str] = []
    timers = Timers()

    async def old() -> None:
        calls.append("old")

    async def new() -> None:
        calls.append("new")

    timers.start()
    timers.every(timedelta(milliseconds=20), "look", old)
    timers.every(timedelta(milliseconds=20), "look", new)
    while len(calls) < 2:
        await Clock().sleep(0.01)
    timers.drop("look")
    await Clock().sleep(0.02)  # a look that was under way may end
    seen = len(calls)
    await Clock().sleep(0.1)

    assert set(calls) == {"new"}
    assert len(calls) == seen


async def test_the_first_look_is_at_its_instant_and_waits_for_no_whole_span() -> None:
    looked = asyncio.Event()
    timers = Timers()

    async def look() -> None:
        looked.set()

    timers.every(timedelta(days=1), "look", look, Clock().now() + timedelta(milliseconds=20))
    timers.start()
    async with asyncio.timeout(180):
        await looked.wait()
    timers.stop()
