"""Work in a thread gives its result or its error, and ends when nobody waits for it."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.clients import blocking
from bot.clients.blocking import Stopped


async def test_work_gives_its_result() -> None:
    assert await blocking.in_thread(lambda _: 7) == 7


async def test_an_error_of_the_work_is_the_callers() -> None:
    def broken(_: Stopped) -> None:
        raise OSError("no such disk")

    with pytest.raises(OSError, match="no such disk"):
        await blocking.in_thread(broken)


async def test_work_that_is_given_up_is_told_and_waited_for() -> None:
    ended = []

    def long(stopped: Stopped) -> None:
        while not stopped():
            time.sleep(0.001)
        time.sleep(0.02)
        ended.append(True)
        raise OSError("nobody asks any more")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await blocking.in_thread(long)

    assert ended == [True]


async def test_work_that_never_ends_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "PATIENCE", 0.01)

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await blocking.in_thread(lambda _: time.sleep(0.3))

    assert time.monotonic() - began < 0.25
