"""Fifty plans at once over few targets: no limit of the house is passed, whoever comes when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bot.core import facts, incident
from bot.core.library import Library
from tests import builders
from tests.engine import crowds
from tests.engine.houses import House
from tests.faults import bounds, checker
from tests.faults.bounds import Window

# Many lives through the same code: to trace them as well would take as long again.
pytestmark = pytest.mark.no_cover

PLANS, TARGETS, AT_ONCE, SEEDS = 50, 8, 3, range(6)
IN_ALL = Window(20, timedelta(hours=1))
QUICKLY = Window(7, timedelta(minutes=5))
ON_ONE = Window(2, timedelta(hours=1), on_a_target=True)
WINDOWS = (IN_ALL, QUICKLY, ON_ONE)


def library() -> Library:
    """Fifty services with eight pools, and every limit there is."""
    made = crowds.library(
        PLANS,
        TARGETS,
        attempts=[{"limit": QUICKLY.limit, "within": "5m"}],
        approval={"quorum": 2, "expires": "10m"},
    )
    rates = [
        {"per": "everything", "limit": IN_ALL.limit, "within": "1h"},
        {"per": "target", "limit": ON_ONE.limit, "within": "1h"},
    ]
    rulebook = builders.a_rulebook(rates=rates, concurrency=AT_ONCE, breaker={"failures": 1000})
    return builders.a_library(*made.runbooks, services=made.services, rulebook=rulebook)


async def asked(house: House) -> list[str]:
    """All fifty questions are open."""
    await house.open()
    await house.intake.take([crowds.alert(number) for number in range(PLANS)])
    await house.settle()
    return [one.id for one in house.cases.open() if incident.request_of(one)]


async def lived(house: House, chance: Random) -> None:
    """People say yes by groups, time goes by between them, and once the process is killed."""
    names = await asked(house)
    assert len(names) == PLANS
    killed = chance.randint(1, 8)
    chance.shuffle(names)
    while names:
        some = [names.pop() for _ in range(min(len(names), chance.randint(1, 8)))]
        votes = [
            house.requests.vote(name, 1, who, yes=chance.random() < 0.98, why="")
            for name in some
            for who in chance.sample(("U1", "U2", "U3", "U4"), 3)
        ]
        chance.shuffle(votes)
        await asyncio.gather(*votes)
        await house.pass_(chance.choice((0.5, 1, 5, 20, 40)))
        killed -= 1
        if killed == 0:
            await house.restart()
    await house.pass_(3000)


@pytest.fixture(params=SEEDS)
async def house(path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A house after all of it; its one action takes ten seconds."""
    made = crowds.house(path, library())
    made.slow(made.pool)
    try:
        await lived(made, Random(request.param))
        yield made
    finally:
        await made.close()


async def test_f04_no_limit_is_passed_and_each_run_has_its_yes(house: House) -> None:
    entries = await house.entries()
    runs = list(bounds.runs_of(entries))

    assert bounds.exceeded(entries, AT_ONCE, WINDOWS) == []
    assert checker.of_record(house.path).faults == []
    assert len({one.incident for one in runs}) == len(runs) == len(house.pool.effects)
    assert house.crashed == []


async def test_every_limit_is_in_the_way_when_all_say_yes_at_once(path: Path) -> None:
    house = crowds.house(path, library())
    house.slow(house.pool)
    try:
        names = await asked(house)
        yes = (
            house.requests.vote(name, 1, who, yes=True, why="")
            for name in names
            for who in ("U1", "U2")
        )
        await asyncio.gather(*yes)
        await house.pass_(600)
        entries, queued = await house.entries(), await house.facts(facts.Queued)
    finally:
        await house.close()
    said = str([entry.body for entry in entries if entry.kind == "incident.closed"])
    fewer = QUICKLY._replace(limit=QUICKLY.limit - 1)

    assert bounds.exceeded(entries, AT_ONCE, WINDOWS) == []
    assert bounds.exceeded(entries, AT_ONCE - 1, ())
    assert bounds.exceeded(entries, AT_ONCE, [fewer])
    assert queued
    assert all(word in said for word in ("is working on", "used up: runbook", "queue of"))
