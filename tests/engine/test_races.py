"""
Two things happen to a question at once: one of them stands, and at most one run begins by it.

Many questions are open together, and what happens to each begins after a number of turns of the
event loop that chance gives, so that every order comes up.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import combinations_with_replacement
from pathlib import Path
from random import Random

import pytest

from bot.core import facts, incident
from bot.ports import Answer
from tests.engine import crowds
from tests.engine.houses import House
from tests.faults import checker

# Many lives through the same code: to trace them as well would take as long again.
pytestmark = pytest.mark.no_cover

RACES = 60
"""Questions of each pair; by hand it was played with a thousand."""
TURNS = 300
"""An act begins after so many turns at most: about as many as a vote takes."""
Act = Callable[[House, str], Awaitable[Answer | None]]


async def approve(house: House, name: str) -> Answer:
    return await house.requests.vote(name, 1, "U1", yes=True, why="")


async def reject(house: House, name: str) -> Answer:
    return await house.requests.vote(name, 1, "U2", yes=False, why="no")


async def cancel(house: House, name: str) -> Answer:
    return await house.requests.cancel(name, "U3", "by hand")


async def expire(house: House, _: str) -> None:
    """For all questions at once."""
    house.clock.advance(60)


async def edit(house: House, _: str) -> None:
    """For all plans at once."""
    house.library = crowds.library(RACES, RACES, floor=0.9)


async def clear(house: House, name: str) -> None:
    opened = house.of(name).opened.alert
    assert opened is not None
    await house.resolve(opened)


ACTS: tuple[Act, ...] = (approve, reject, cancel, expire, edit, clear)
PAIRS = [pair for pair in combinations_with_replacement(ACTS, 2) if pair[0] in ACTS[:3]]
DECIDES = {approve, reject}
FOR_ALL = {expire, edit}
TOLD = ("Approved", "Rejected", "Cancelled")
"""What somebody is told whose word is the one that stands."""


async def opened(house: House) -> list[str]:
    """All questions are open, and have a minute left."""
    await house.open()
    await house.intake.take([crowds.alert(number) for number in range(RACES)])
    await house.settle()
    await house.pass_(240)
    names = [one.id for one in house.cases.open() if incident.request_of(one)]
    assert len(names) == RACES
    return names


async def after(turns: int, act: Act, house: House, name: str) -> Answer | None:
    for _ in range(turns):
        await asyncio.sleep(0)
    return await act(house, name)


async def race(house: House, pair: tuple[Act, Act], chance: Random) -> list[list[Answer]]:
    """What each of both was told, for each question."""
    names = await opened(house)
    own = [act for act in pair if act not in FOR_ALL]
    each = [
        asyncio.gather(*(after(chance.randint(0, TURNS), act, house, name) for act in own))
        for name in names
    ]
    once = (after(TURNS // 2, act, house, "") for act in set(pair) & FOR_ALL)
    told, _ = await asyncio.gather(asyncio.gather(*each), asyncio.gather(*once))
    await house.pass_(100)
    return [[answer for answer in answers if answer is not None] for answers in told]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " ".join(act.__name__ for act in pair))
async def test_b06_one_of_two_stands_and_at_most_one_run_begins(
    path: Path, pair: tuple[Act, Act]
) -> None:
    house = crowds.house(path, crowds.library(RACES, RACES))
    try:
        told = await race(house, pair, Random(str(pair)))
        entries = await house.entries()
    finally:
        await house.close()
    stood = {entry.incident: entry.body for entry in entries if entry.kind == "approval.decided"}
    first = Counter(one.key for one in entries if one.key.endswith(":mail:decision:1"))
    begun = Counter(
        one.incident for one in entries
        if isinstance(fact := facts.read(one.body), facts.Started) and not fact.refused
    )  # fmt: skip

    assert checker.of_record(path).faults == []
    assert (len(first), set(first.values())) == (RACES, {1})
    assert max(begun.values(), default=0) <= 1
    assert max(Counter(house.pool.effects).values(), default=0) <= 1
    assert len(house.pool.effects) <= len(begun)
    for answer in (one for each in told for one in each if one.done):
        word = next((word for word in TOLD if answer.text.startswith(word)), "")
        assert not word or f'"ending":"{word.lower()}"' in stood[answer.incident], answer
    if set(pair) == DECIDES:
        assert [sum(answer.done for answer in each) for each in told] == [1] * RACES
