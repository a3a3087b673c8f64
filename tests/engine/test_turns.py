"""What concerns one trouble waits for its turn; other troubles do not."""

from __future__ import annotations

import asyncio

from bot.engine.turns import Turns


async def test_one_name_is_served_in_order_and_another_beside_it() -> None:
    turns, done, going = Turns(), list[str](), asyncio.Event()

    async def act(name: str, word: str) -> None:
        async with turns(name):
            if word == "first":
                await going.wait()
            done.append(word)

    async with asyncio.TaskGroup() as group:
        for name, word in (("shop", "first"), ("shop", "second"), ("bank", "beside")):
            group.create_task(act(name, word))
        await asyncio.sleep(0.01)
        before = list(done)
        going.set()

    assert (before, done) == (["beside"], ["beside", "first", "second"])


async def test_a_name_that_nobody_uses_is_forgotten() -> None:
    turns = Turns()
    async with turns("shop"):
        kept = len(turns)

    assert (kept, len(turns)) == (1, 0)
