"""Fifty plans at once, in any order: no limit is ever exceeded, and each ends in a run or a no."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core import facts, folding
from bot.core.facts import Wish
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.lifecycle import ACTING, ENDS, State
from bot.core.policy import circuit_breaker
from bot.core.policy.circuit_breaker import Position
from bot.core.policy.history import Attempt
from bot.core.policy.sections import Breaker
from bot.core.transcript import Entry
from tests import builders
from tests.engine.towns import Town, a_town, alert_of

# Many lives through the same code: to trace them as well would take as long again.
pytestmark = pytest.mark.no_cover

PLANS, SERVICES, TARGETS = 50, 20, 12
AT_ONCE = 3
COOL_DOWN = timedelta(seconds=5)
HOUR = timedelta(hours=1)
BOOKS = ("mend", "mend-again", "mend-well")
NAMES = tuple(f"s{number}" for number in range(SERVICES))
PER = {"runbook": 8, "service": 2, "target": 3, "everything": 16}
BREAKER = Breaker(failures=1, within=HOUR, open_for=HOUR)
ENDED = ENDS | {State.HEALED}


def library(places: int) -> Library:
    """Three runbooks for services that share targets, under every limit at once."""
    made = a_town(
        *NAMES,
        concurrency=AT_ONCE,
        queue={"places": places, "longest": "2h"},
        rates=[{"per": per, "limit": limit, "within": "1h"} for per, limit in PER.items()],
        breaker=BREAKER.model_dump(),
        flapping={"times": 20, "within": "1ms"},
    )
    first = made.runbooks[0]
    safety = first.safety.model_copy(update={"cool_down": COOL_DOWN})
    books = [
        first.model_copy(update={
            "runbook": name, "safety": safety,
            "match": first.match.model_copy(update={"alerts": (name,)}),
        })
        for name in BOOKS
    ]  # fmt: skip
    services = tuple(
        one.model_copy(update={"facts": {"on": f"t{number % TARGETS}"}})
        for number, one in enumerate(made.services)
    )
    return builders.a_library(*books, services=services, rulebook=made.rulebook)


class Watcher:
    """Folds the record by itself, and looks at each run that begins whether it was let."""

    def __init__(self) -> None:
        self.incidents: dict[str, Incident] = {}
        self.begun: list[tuple[Entry, facts.Started]] = []
        self.faults: list[str] = []
        self.most = 0

    def take(self, entry: Entry) -> None:
        if not entry.incident:
            return
        fact, known = facts.read(entry.body), self.incidents.get(entry.incident)
        if isinstance(fact, facts.Started) and not fact.refused:
            self._check(entry, fact)
            self.begun.append((entry, fact))
        folded = folding.follow(known, entry) if known else folding.opened(entry)
        self.incidents[entry.incident] = folded

    def _check(self, entry: Entry, fact: facts.Started) -> None:
        acting = [one for one in self.incidents.values() if one.ran and one.state in ACTING]
        self.most = max(self.most, len(acting) + 1)
        if len(acting) >= AT_ONCE:
            self.faults.append(f"{entry.incident} is one run too many")
        held = {key for one in acting if one.started for key in one.started.targets}
        if held & set(fact.targets):
            self.faults.append(f"{entry.incident} touches a target that is held")
        for other, before in self.begun:
            if set(before.targets) & set(fact.targets) and entry.at - other.at < COOL_DOWN:
                self.faults.append(f"{entry.incident} did not wait for the cool-down")
        lately = [one for other, one in self.begun if entry.at - other.at < HOUR]
        self._windows(entry.incident, [*lately, fact], fact)
        if self._position(entry, fact) is not Position.CLOSED:
            self.faults.append(f"{entry.incident} runs unattended though the breaker is not closed")

    def _windows(self, name: str, lately: list[facts.Started], fact: facts.Started) -> None:
        used = {
            "runbook": Counter(one.runbook for one in lately)[fact.runbook],
            "service": Counter(one.service for one in lately)[fact.service],
            "target": max(Counter(key for one in lately for key in one.targets).values()),
            "everything": len(lately),
        }
        self.faults += [f"{name}: {used[per]} per {per}" for per in PER if used[per] > PER[per]]

    def _position(self, entry: Entry, fact: facts.Started) -> Position:
        attempts = [_attempt(self.incidents[other.incident], other, one)
                    for other, one in self.begun if one.service == fact.service]  # fmt: skip
        return circuit_breaker.read(attempts, BREAKER, entry.at).position


def _attempt(one: Incident, began: Entry, fact: facts.Started) -> Attempt:
    ended = None if one.state in ACTING else one.state
    return Attempt(at=began.at, incident=one.id, runbook=fact.runbook, service=fact.service,
                   environment=fact.environment, targets=fact.targets, ended=ended)  # fmt: skip


async def play(path: Path, chance: Random) -> tuple[Town, Watcher]:
    """Everybody asks at once; what is begun ends after a while, well or not, until all is over."""
    town, watcher = Town(path, library(chance.choice((5, 10, 40)))), Watcher()
    await town.open()
    town.ledger.subscribe(watcher.take)
    town.mending.turns = lambda: chance.randint(0, 5)
    town.mending.fails = set(chance.sample(sorted(town.sick), chance.randint(0, 2)))
    asking = [asyncio.create_task(ask(town, chance, number)) for number in range(PLANS)]
    for _ in range(400):
        await town.settle()
        known = watcher.incidents.values()
        rests = all(one.over or one.state is State.HEALED for one in known)
        if rests and all(one.done() for one in asking):
            break
        for target in sorted(set(town.mending.now)):
            if chance.random() < 0.6:
                town.mend(target)
        await town.pass_(chance.choice((1, 5, 12, 30)))
        for target in sorted(town.mending.gates):
            if chance.random() < 0.5:
                town.mending.gates[target].clear()
                town.sick.add(target)
    await asyncio.gather(*asking)
    await town.close()
    return town, watcher


async def ask(town: Town, chance: Random, number: int) -> None:
    for _ in range(chance.randint(0, 20)):
        await asyncio.sleep(0)
    if number % 2:  # the second half comes while the first one runs
        await town.clock.sleep(chance.randint(1, 90))
    service = chance.choice(NAMES)
    if number % 5 == 0:
        await town.fire(alert_of(service, name=chance.choice(BOOKS)))
        return
    wish = Wish(by="U1", runbook=chance.choice(BOOKS),
                given={"service": service, "environment": "production"})  # fmt: skip
    await town.requests.wish(wish, "C0ALERTS", "", f"asked {number}")


def why(one: Incident) -> str:
    return one.closed.says if one.closed else str(one.state)


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=4, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_no_limit_is_exceeded_and_nothing_is_lost(path: Path, seed: int) -> None:
    town, watcher = asyncio.run(play(path.with_name(f"{seed}.db"), Random(seed)))
    open_ = [f"{one.id} {why(one)}" for one in watcher.incidents.values()
             if one.state not in ENDED]  # fmt: skip

    assert watcher.faults == []
    assert open_ == []
    assert town.crashed == []
    assert len(watcher.incidents) > PLANS * 0.8
    assert all(one.ran or why(one) for one in watcher.incidents.values())
