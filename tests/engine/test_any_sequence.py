"""
Whatever people, alerts, clocks and crashes do, in any order: nothing runs without a right to.

Chance drives a house; the record is then judged by itself, as after a fault. Beside it stands only
who was entitled to say yes at which moment, which no record of Heal's own can prove.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.core import facts, incident
from bot.core.alert import Alert
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.ports import Allowance
from tests import builders
from tests.engine.houses import SICK, House
from tests.faults import checker

# Many lives through the same code: to trace them as well would take as long again.
pytestmark = pytest.mark.no_cover

PEOPLE = ("U1", "U2", "U3", "U7", "U8")
"""The last two never are approvers, unless somebody puts them into the group."""
SERVICES = ("shop", "cart")
SEEDS, MOVES = range(60), 60
"""So many houses, and so many things that happen in each."""
DAY = timedelta(days=1)
FREEZE = {"name": "release", "starts": builders.START - DAY, "ends": builders.START + DAY}
LONG = 4000.0
"""Seconds after which nobody is asked any more, and nothing waits for its alert."""


NAMES = {1: "ServiceDown", 2: "ServiceDown", 3: "DiskFull", 4: "Latency"}
"""What the alerts of a service are called: the third has another cause, the fourth must last."""


def library(*, quorum: int, unattended: bool, floor: float, frozen: bool, works: bool) -> Library:
    """
    Two services with one runbook of two increments, and one for what has another cause.

    The cart needs the shop. What policy says of it all may change.
    """
    then = {"success": "health.status < 600", "within": "20s", "hold": "5s"}
    production = {"preapproved": [{"runbook": "raise-pool", "service": one} for one in SERVICES]}
    return builders.a_library(
        builders.a_runbook(
            steps=[
                {"do": "fake.weight", "with": {"to": 10}, "timeout": "30s", "then": then},
                {"do": "fake.pool", "with": {"to": 50}, "timeout": "30s"},
            ],
            safety={
                "unattended": True,
                "cool_down": "1s",
                "attempts": [{"limit": 99, "within": "1h"}],
                "approval": {"quorum": quorum, "expires": "2m"},
            },
        ),
        builders.a_runbook(runbook="clean-disk", match={"alerts": ["DiskFull", "Latency"]}),
        services=(
            builders.a_service(name="shop"),
            builders.a_service(name="cart", depends_on=("shop",)),
        ),
        rulebook=builders.a_rulebook(
            approvers={"high": {"groups": ["oncall"], "quorum": 1}},
            production=production if unattended else {},
            ask_when_critical=False,
            confidence_floor=floor,
            freezes=[FREEZE] if frozen else [],
            maintenance=[{**FREEZE, "services": ["shop"]}] if works else [],
            settle=[{"alerts": ["Latency"], "lasts": "30s"}],
            break_glass={"overrides": ["freeze window"]},
            breaker={"failures": 2, "within": "1h", "open_for": "5m"},
        ),
    )


class Anything:
    """One house, and everything that may happen to it, by chance."""

    def __init__(self, path: Path, chance: Random) -> None:
        self.path, self.chance = path, chance
        self.entitled: set[tuple[str, str]] = set()
        self.left: list[str] = []
        self.terms: dict[str, Any] = {
            "quorum": chance.choice((1, 1, 2, 3)), "unattended": False, "floor": 0.8,
            "frozen": chance.random() < 0.3, "works": False,
        }  # fmt: skip
        self.house = House(path, library(**self.terms))
        self.house.people.groups["oncall"] = frozenset({"U1", "U2", "U3"})
        if chance.random() < 0.5:
            self.house.slow(self.house.weight)
        self.moves: dict[Callable[[], Awaitable[object]], int] = {
            self.alert: 10, self.clear: 2, self.all_is_clear: 2,
            self.people_begin_to_work: 1, self.wish: 3, self.click: 22, self.race: 5,
            self.takes_back: 3, self.asks_again: 2, self.leaves_or_joins: 2,
            self.slack_is_away_or_back: 2, self.edits_policy: 1, self.the_world_moves: 2,
            self.stops_or_resumes: 2, self.time_goes_by: 8, self.the_clock_is_set: 1,
            self.somebody_allows: 3, self.somebody_decides_on_it: 8, self.breaks_glass: 4,
            self.it_is_killed: 2, self.it_is_killed_in_the_middle: 3,
        }  # fmt: skip

    async def live(self) -> None:
        """Begin, go through many moves, and come to rest."""
        await self.house.open()
        for _ in range(MOVES):
            (move,) = self.chance.choices(list(self.moves), list(self.moves.values()))
            await move()
            await self.house.settle()
        known = (one.id for one in self.house.cases.recent(999) if one.over)
        self.left = [name for name in known if self.house.cases.hearing.waiting(name)]
        await self._to_the_end()

    async def alert(self) -> None:
        self.house.health.says(SICK)
        await self.house.fire(self._signal())

    async def clear(self) -> None:
        await self.house.resolve(self._signal())

    async def all_is_clear(self) -> None:
        name = self.chance.choice(SERVICES)
        for number in NAMES:
            await self.house.resolve(_signal(name, number, self.house))

    async def people_begin_to_work(self) -> None:
        """On one service, whose alerts then bother nobody; or they are done."""
        self.terms["works"] = not self.terms["works"]
        self.house.library = library(**self.terms)
        await self.alert()

    async def wish(self) -> None:
        given = {"service": self.chance.choice(SERVICES), "environment": "production"}
        asked = facts.Wish(by=self._who(), runbook="raise-pool", given=given)
        await self.house.requests.wish(asked, "", "")

    async def click(self) -> None:
        """Now and then no, on an old card, or by a reaction."""
        if one := self._waiting():
            yes, stale = self.chance.random() < 0.9, self.chance.choice((0, 0, 0, 0, 1, -1))
            reacted = self.chance.random() < 0.3
            await self._vote(one, self._who(), yes=yes, stale=stale, reacted=reacted)

    async def race(self) -> None:
        """Several at once, some of them twice."""
        if one := self._waiting():
            people = self.chance.choices(PEOPLE, k=self.chance.randint(2, 5))
            votes = (self._vote(one, who, yes=self.chance.random() < 0.9) for who in people)
            await asyncio.gather(*votes, self.house.pass_(1))

    async def takes_back(self) -> None:
        if one := self._any():
            if self.chance.random() < 0.5:
                await self.house.requests.undo(one.id, self._who(), "", "")
            else:
                await self.house.requests.cancel(one.id, self._who(), "why")

    async def asks_again(self) -> None:
        if one := self._any(State.EXPIRED):
            await self.house.requests.again(one.id, self._who())

    async def leaves_or_joins(self) -> None:
        self.house.people.groups["oncall"] ^= {self._who()}

    async def slack_is_away_or_back(self) -> None:
        self.house.people.away = self.chance.random() < 0.3

    async def edits_policy(self) -> None:
        name = self.chance.choice(list(self.terms))
        said = {"quorum": (1, 2), "unattended": (True, False), "floor": (0.8, 0.9),
                "frozen": (True, False), "works": (True, False)}  # fmt: skip
        self.terms[name] = self.chance.choice(said[name])
        self.house.library = library(**self.terms)

    async def the_world_moves(self) -> None:
        self.house.pool.value = self.chance.randint(20, 22)

    async def stops_or_resumes(self) -> None:
        orders = self.house.orders
        act = orders.halt if self.chance.random() < 0.15 else orders.resume
        await act(self._who(), "odd")

    async def time_goes_by(self) -> None:
        await self.house.pass_(self.chance.choice((1, 5, 11, 30, 30, 121, 400)))

    async def the_clock_is_set(self) -> None:
        self.house.clock.set(self.chance.choice((-600, -30, 30, 600)))

    async def somebody_allows(self) -> None:
        service, runs = self.chance.choice(SERVICES), self.chance.randint(1, 2)
        wish = Allowance("raise-pool", service, "production", timedelta(hours=1), runs, "release")
        await self.house.permits.allow(wish, self._who(), "")

    async def somebody_decides_on_it(self) -> None:
        """Yes, or now and then no; or it is taken back."""
        if known := self.house.cases.standing().permits:
            name, permits = self.chance.choice(known).id, self.house.permits
            if self.chance.random() < 0.1:
                await permits.revoke(name, self._who(), "over")
            else:
                for who in self.chance.sample(PEOPLE, 3):
                    yes = self.chance.random() < 0.95
                    await permits.decide(name, who, yes=yes, why="")

    async def breaks_glass(self) -> None:
        if one := self._any(State.ESCALATED):
            await self.house.requests.break_glass(one.id, self._who(), "payments are down")

    async def it_is_killed(self) -> None:
        await self.house.restart(away=self.chance.choice((0, 1, 300)))

    async def it_is_killed_in_the_middle(self) -> None:
        """Of whatever a yes sets off."""
        if one := self._waiting():
            vote = self._vote(one, self._who(), yes=True)
            yes = asyncio.get_running_loop().create_task(vote)
            for _ in range(self.chance.randint(0, 30)):
                await asyncio.sleep(0)
            await self.house.restart()
            yes.cancel()
            await asyncio.wait({yes})

    async def _to_the_end(self) -> None:
        """Everybody who can still end something does so; then nothing is open any more."""
        house = self.house
        house.library = library(**{**self.terms, "works": False})
        house.people.away, house.people.groups["oncall"] = False, frozenset({"U1"})
        await house.orders.resume("U1", "the end")
        for name in SERVICES:
            for number in NAMES:
                await house.resolve(_signal(name, number, house))
        await house.pass_(LONG)

    async def _vote(
        self, one: Incident, who: str, *, yes: bool, stale: int = 0, reacted: bool = False
    ) -> None:
        request = incident.request_of(one)
        assert request is not None
        people = self.house.people
        entitled = who in people.groups["oncall"] and not people.away
        if yes and entitled and not stale and who not in _asked_for(one):
            self.entitled.add((one.id, who))
        round_ = max(0, request.round + stale) or 99
        await self.house.requests.vote(one.id, round_, who, yes=yes, why="", reacted=reacted)

    def _who(self) -> str:
        return self.chance.choice(PEOPLE)

    def _any(self, *states: State) -> Incident | None:
        known = self.house.cases.recent(8)
        fit = [one for one in known if not states or one.state in states]
        return self.chance.choice(fit) if fit else None

    def _waiting(self) -> Incident | None:
        open_ = [one for one in self.house.cases.open() if incident.request_of(one)]
        return self.chance.choice(open_) if open_ else None

    def _signal(self) -> Alert:
        return _signal(self.chance.choice(SERVICES), self.chance.choice(list(NAMES)), self.house)


def _asked_for(one: Incident) -> set[str]:
    """Whose own wish it is; of break-glass also whoever asked for that."""
    wish, glass, request = one.opened.wish, one.opened.glass, incident.request_of(one)
    people = {wish.by, *wish.before} if wish else set()
    return people | ({glass.by} if glass and request and request.override else set())


def _signal(name: str, number: int, house: House) -> Alert:
    """One of the alerts of a service, in an episode that begins now."""
    labels, now = {"service": name, "environment": "production"}, house.clock.now()
    return builders.an_alert(
        name=NAMES[number], fingerprint=f"{name}-{number}", labels=labels, starts_at=now
    )


@pytest.fixture(params=SEEDS)
async def lived(path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Anything]:
    """A house after a life by chance."""
    anything = Anything(path, Random(request.param))
    try:
        await anything.live()
        yield anything
    finally:
        await anything.house.close()


async def test_nothing_ran_without_a_right_to_and_everything_ended(lived: Anything) -> None:
    entries = await lived.house.entries()
    said = [(one.incident, facts.read(one.body)) for one in entries]
    yeses = {(name, fact.vote.who) for name, fact in said
             if isinstance(fact, facts.Voted) and fact.vote.yes}  # fmt: skip

    assert checker.of_record(lived.path).faults == []
    assert {one.id: one.state for one in lived.house.cases.open()} == {}
    assert not yeses - lived.entitled
    assert lived.house.crashed == []
    assert lived.left == [], "what waited behind an incident is not left behind when that ends"
    assert beside(said) == []
    assert not {name for name, kinds in unseen(said).items() if kinds & DEALT_WITH}


DEALT_WITH = {"runbook.chosen", "plan.made", "approval.asked", "incident.escalated"}


def unseen(said: list[tuple[str, facts.AnyFact]]) -> dict[str, set[str]]:
    """What was recorded of each incident while nobody was told of it."""
    quiet = {name for name, fact in said if isinstance(fact, facts.Opened) and fact.quiet}
    found: dict[str, set[str]] = {name: set() for name in quiet}
    for name, fact in said:
        if isinstance(fact, facts.Quieted) and fact.quiet is None:
            quiet.discard(name)
        elif name in quiet:
            found[name].add(fact.kind)
    return found


def beside(said: list[tuple[str, facts.AnyFact]]) -> list[str]:
    """Runs that began on a service while another one of it was under way."""
    running: dict[str, str] = {}
    found = []
    for name, fact in said:
        match fact:
            case facts.Started(refused=()):
                found += [name] if fact.service in running.values() else []
                running[name] = fact.service
            case facts.Verified(passed=True) | facts.RolledBack() | facts.Closed():
                running.pop(name, None)
    return found
