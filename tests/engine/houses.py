"""The engine on its real ledger and journal, with time, plug-ins and people made by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from bot.app import lines
from bot.core import facts
from bot.core.alert import Alert, AlertStatus
from bot.core.detector import Detector
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.plan import Reversibility
from bot.core.transcript import Entry
from bot.core.values import Facts
from bot.durable.journal import Journal
from bot.durable.others import Nobody, Others
from bot.engine import healing, reporting
from bot.engine.authority import Authority
from bot.engine.calling import Calling, Holder
from bot.engine.casebook import Casebook
from bot.engine.detecting import Detecting
from bot.engine.editing import Editing
from bot.engine.governing import Governing
from bot.engine.intake import Intake
from bot.engine.pages import Pages, Route
from bot.engine.paging import Gathering
from bot.engine.permitting import Permitting
from bot.engine.reminding import Reminding
from bot.engine.requesting import Requests
from bot.engine.taking import Taking
from bot.engine.world import Limits, World
from bot.ports import Answer, Cmdb, Objector, Preceding
from bot.store.ledger import Ledger
from bot.store.past import Past
from bot.store.tallies import Tallies
from bot.store.writer import Writer
from bot.tasks import Tasks
from tests import builders
from tests.engine.mortal import MortalLedger
from tests.fakes import FakeAction, FakeClock, FakePager, FakePeople, FakePlugins, FakeProbe

F = TypeVar("F", bound=Fact)

HEALTHY: Facts = {"status": 200}
SICK: Facts = {"status": 503}
WAITING = State.AWAITING_APPROVAL


class House:
    """One house with one file; what is in memory is lost at every restart."""

    ledger: Ledger

    def __init__(self, path: Path, library: Library | None = None) -> None:
        self.path = path
        self.clock = FakeClock()
        self.library = library or builders.a_library()
        self.health = FakeProbe(SICK)
        self.pool = FakeAction("pool", then=self.get_well)
        self.weight = FakeAction("weight")
        self.cache = FakeAction("cache", kind=Reversibility.SELF_RESTORING)
        self.purge = FakeAction("purge", kind=Reversibility.IRREVERSIBLE)
        actions = (self.pool, self.weight, self.cache, self.purge)
        self.plugins = FakePlugins(
            {f"fake.{one.name}": one for one in actions}, {"fake.health": self.health}
        )
        self.people = FakePeople(oncall=["U1", "U2", "U3", "U4", "U5"], leads=["U9"])
        self.pager = FakePager()
        self.objectors: dict[str, Objector] = {}
        self.cmdbs: dict[str, Cmdb] = {}
        self.preceding: dict[str, Preceding] = {}
        self.limits = Limits()
        self.versions = frozenset({healing.WORKFLOW})
        self.holders: list[Holder] = []
        """Who can say that somebody has it at a pager."""
        self.routes: list[Route] = []
        """Where the pages of its pagers ring."""
        self.others: Others = Nobody()
        self.crashed: list[str] = []
        self._named = 0
        self._seeds: dict[str, str] = {}

    async def open(self, *, entries: int | None = None) -> None:
        """Begin a life, as app does it; one of so many entries when told."""
        self.tasks = Tasks()
        self.writer = await Writer.open(self.path)
        ledger = Ledger(self.writer) if entries is None else MortalLedger(self.writer, entries)
        self.ledger = ledger
        self.past = Past(self.path)
        self.cases = Casebook(self.past)
        ledger.subscribe(self.cases.take)
        self.world = World(
            clock=self.clock,
            ledger=ledger,
            plugins=self.plugins,
            people=self.people,
            pager=self.pager,
            objectors=self.objectors,
            pages=Pages(self.routes),
            cmdbs=self.cmdbs,
            preceding=self.preceding,
            cases=self.cases,
            library=lambda: self.library,
            tasks=self.tasks,
            new_id=self._new_id,
            channel="C0ALERTS",
            limits=self.limits,
        )
        self.journal = Journal(
            ledger,
            self.clock,
            self.tasks,
            workflow=lines.lived(
                self.cases, lambda life: healing.heal(life, self.world, self.journal)
            ),
            versions=self.versions,
            on_crash=self._again,
            others=self.others,
        )
        self.intake = Intake(self.world, self.journal)
        authority = Authority(self.world)
        self.requests = Requests(self.world, self.journal, authority, Tallies(self.path).seen)
        self.orders = Governing(self.world, authority, self.requests.stop_all)
        self.permits = Permitting(self.world, authority)
        self.edits = Editing(self.world, self.journal, authority)
        self.calls = Taking(self.world)
        self.detecting = Detecting(self.world, self.intake.take)
        recovered = await self.journal.recover()
        await reporting.hand_over(self.world, recovered.foreign, recovered.unknown)
        await self.requests.settle()
        await self.permits.settle()
        Reminding(self.world).begin()
        Gathering(self.world).begin()
        Calling(self.world, self.holders).begin()

    async def close(self) -> None:
        """Nobody waits for an act to end: as after a kill."""
        await self.journal.close(0)
        await self.tasks.close(0)
        self.past.close()
        await self.writer.close()

    async def restart(self, *, away: float = 0) -> None:
        """A second life on the same file, after the house was away for so many seconds."""
        await self.close()
        self.clock.advance(away)
        for action in (self.pool, self.weight, self.cache, self.purge):
            action.hangs = ""
        await self.open()

    async def dies(
        self, drive: Callable[[House], Coroutine[object, object, None]], entries: int
    ) -> None:
        """Drive one life of so many entries until it dies or is through, then a second one."""
        await self.open(entries=entries)
        assert isinstance(self.ledger, MortalLedger)
        loop = asyncio.get_running_loop()
        driving, dying = loop.create_task(drive(self)), loop.create_task(self.ledger.dead.wait())
        await asyncio.wait({driving, dying}, return_when=asyncio.FIRST_COMPLETED)
        if not driving.done():
            await self.settle()
        dying.cancel()
        driving.cancel()
        await asyncio.wait({driving, dying})
        await self.restart()
        await drive(self)

    def slow(self, action: FakeAction, seconds: float = 10) -> None:
        """From now on it takes so long before it has its effect."""
        execute = action.execute

        async def slowly(params: object, before: Facts, mark: str = "") -> str:
            await self.clock.sleep(seconds)
            return await execute(params, before, mark)

        action.execute = slowly  # type: ignore[method-assign]

    def get_well(self) -> None:
        self.health.says(HEALTHY)

    async def fire(self, alert: Alert | None = None) -> str:
        """The incident that an alert belongs to; empty when to none."""
        return next(iter(await self.intake.take([alert or builders.an_alert()])), "")

    async def resolve(self, alert: Alert | None = None) -> str:
        over = {"status": AlertStatus.RESOLVED, "ends_at": self.clock.now()}
        return await self.fire((alert or builders.an_alert()).model_copy(update=over))

    async def look(self, detector: Detector) -> None:
        """Let the one detector of the library look once, wherever it looks."""
        if self.library.detectors != (detector,):
            self.library = replace(self.library, detectors=(detector,))
        for lookout in self.library.lookouts.values():
            await self.detecting.look(lookout)

    async def vote(self, who: str = "U1", *, yes: bool = True, round_: int = 0) -> Answer:
        why = "" if yes else "not now"
        return await self.requests.vote(self.incident.id, round_, who, yes=yes, why=why)

    async def asked(self) -> str:
        """Fire, and wait until people are asked."""
        name = await self.fire()
        await self.until(WAITING)
        return name

    async def healed(self) -> str:
        """Fire, approve, and wait until it is healed."""
        name = await self.asked()
        await self.vote()
        await self.until(State.HEALED, within=60)
        return name

    async def until(self, *states: State, within: float = 0, name: str = "") -> Incident:
        """Wait for one of the states; let at most so many seconds pass for it."""
        while True:
            await self.settle()
            known = self.of(name)
            if known.state in states:
                return known
            if isinstance(self.ledger, MortalLedger) and self.ledger.dead.is_set():
                await asyncio.Event().wait()
            step = min(self.clock.due or within, within)
            if step <= 0:
                said = known.closed.says if known.closed else ""
                raise AssertionError(f"{known.id} is {known.state}, not {states}: {said}")
            self.clock.advance(step)
            within -= step

    async def slowly(self, *states: State) -> Incident:
        """Wait in real time, for what a time-out of the event loop ends."""
        async with asyncio.timeout(180):
            while self.incident.state not in states:
                await asyncio.sleep(0.002)
        return self.incident

    async def pass_(self, seconds: float) -> None:
        """Let time go by; everybody who wakes in it has their turn at their instant."""
        while seconds > 0:
            await self.settle()
            step = min(self.clock.due or seconds, seconds)
            self.clock.advance(step)
            seconds -= step
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing moves any more without time passing."""
        still, before = 0, -1
        while still < 3:
            for _ in range(8):
                await asyncio.sleep(0)
            seq = (await self.ledger.head()).seq
            still = still + 1 if seq == before else 0
            before = seq

    async def until_known(self) -> None:
        """Wait until there is an incident at all."""
        async with asyncio.timeout(180):
            while not self.cases.recent(1):
                await asyncio.sleep(0.001)

    async def turn(self) -> None:
        """Let others work for a moment, also while the file cannot be asked for anything."""
        for _ in range(20):
            await asyncio.sleep(0.001)

    @property
    def incident(self) -> Incident:
        """The newest."""
        return self.of("")

    def of(self, name: str) -> Incident:
        known = self.cases.get(name) if name else next(iter(self.cases.recent(1)), None)
        assert known is not None
        return known

    async def entries(self) -> list[Entry]:
        return [entry async for entry in self.ledger.all()]

    async def facts(self, kind: type[F]) -> list[F]:
        """Everything of one kind that was ever recorded."""
        read = [facts.read(entry.body) for entry in await self.entries()]
        return [fact for fact in read if isinstance(fact, kind)]

    @property
    def effects(self) -> list[str]:
        """Everything that was done to the pool."""
        return self.pool.effects

    def _new_id(self, seed: str = "") -> str:
        if seed in self._seeds:
            return self._seeds[seed]
        self._named += 1
        name = f"inc-a{self._named}"
        if seed:
            self._seeds[seed] = name
        return name

    async def _again(self, incident: str, error: BaseException) -> None:
        self.crashed.append(f"{incident}: {error}")
        await self.clock.sleep(5)
        await self.journal.start(incident)


def later(seconds: float, alert: Alert | None = None) -> Alert:
    """The same alert, in an episode of its own that began so much later."""
    first = alert or builders.an_alert()
    return first.model_copy(update={"starts_at": first.starts_at + timedelta(seconds=seconds)})
