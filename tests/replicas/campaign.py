"""
Chaos: hundreds of incidents while replicas are killed and frozen and Postgres is restarted.

Alerts come by webhook to any of the replicas, approvals by clicks in the local workspace. The
seed decides who clicks when, what is slow, and what befalls whom; only the machine adds to that.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.durable.member import Times
from bot.store.verifying import verify
from tests.clients.postgreses import Postgres
from tests.faults import street
from tests.faults.campaign import BOOKS, COUNT, OPEN, RUNNING, SETTLED, Random
from tests.faults.checker import BROKEN, Verdict
from tests.faults.street import House
from tests.replicas import stage as stages
from tests.replicas.lives import BRISK
from tests.replicas.stage import Stage

KILL, FREEZE, RESTART, OUTAGE = "kill -9", "SIGSTOP", "Postgres restart", "Postgres away 60 s"
AWAY = 60.0
PATIENCE = 1800.0
"""Seconds for all of it: each freeze alone takes half a minute with the times of production."""
FROZEN = 1.5
"""Seconds that who was frozen stays so after another took over."""


@dataclass
class Chaos(Random):
    """One campaign over several replicas; `kills` is the number of faults."""

    mishaps: Sequence[str] = ()
    """What befalls whoever is active, in this order."""
    times: Times = BRISK
    took: list[tuple[str, float]] = field(default_factory=list)
    """By mishap: how many seconds went by until another began its epoch."""
    goes_on: int = 0
    """How many restarts of Postgres the active replica outlived in its epoch."""
    tell: Callable[[str], None] = field(default=lambda _: None)
    by_chance: int = 0
    """How many that stood by were killed as well."""

    def __post_init__(self) -> None:
        self.kills = len(self.mishaps)
        super().__post_init__()

    async def on(self, directory: Path, postgres: Postgres) -> Verdict:
        """Play it to its end, and judge what is left in every file."""
        houses = {name: House(stubborn=book.alert == "Stubborn")
                  for name, book in self.books.items()}  # fmt: skip
        street.slowed(houses.values(), self.chance, 0.15)
        opened = stages.opened(directory, postgres, houses, BOOKS, times=self.times, seed=self.seed)
        async with asyncio.timeout(PATIENCE), opened as stage:
            await stage.ready()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._alerts(stage, "firing", lambda _: True))
                clicking = group.create_task(self._click(stage))
                for number, mishap in enumerate(self.mishaps):
                    await self._befall(stage, postgres, number, mishap)
                self.allowed = self.asking
                await clicking
            await self._until(lambda: stage.asked(SETTLED) == self.runs)
            well = {name for name, house in houses.items() if house.well}
            await self._alerts(stage, "resolved", lambda name: name in well)
            await self._until(lambda: stage.asked(OPEN) == 0)
            await stage.all_follow()
            self.verdict = stage.judged()
            for one in stage.replicas:
                if not (report := verify(one.ledger)).sound:
                    self.verdict.blame(BROKEN, f"{one.own.name}: {report.line}")
            self._doubles(stage)
        return self.verdict

    def _doubles(self, stage: Stage) -> None:
        cards = stage.cards()
        for name in {one for one in cards if cards.count(one) > 1}:
            self.verdict.blame("double cards", name)

    async def _befall(self, stage: Stage, postgres: Postgres, number: int, mishap: str) -> None:
        """One mishap while runs are under way, and what became of the seat."""
        if number:
            await self._until(lambda: stage.asked(COUNT) == self.runs)
        self.allowed = self.asking * (number + 1) // (self.kills + 1)
        await self._until(lambda: len(self.pressed) >= self.allowed)
        await stage.clock.sleep(self.chance.uniform(0.0, 0.6))
        active = await stage.active()
        epoch, _ = await asyncio.to_thread(stage.seat)
        self.under_way.append((stage.asked(OPEN), stage.asked(RUNNING)))
        self.tell(f"{mishap} while {self.under_way[-1]} incidents are open and runs under way")
        if mishap in {RESTART, OUTAGE}:
            await asyncio.to_thread(postgres.stop)
            await stage.clock.sleep(AWAY if mishap == OUTAGE else 0.0)
            await asyncio.to_thread(postgres.start)
            await stage.ready()
            self.goes_on += (await asyncio.to_thread(stage.seat))[0] == epoch
            return
        pid = active.pid
        os.kill(pid, signal.SIGKILL if mishap == KILL else signal.SIGSTOP)
        if mishap == KILL and self.chance.random() < 0.3:
            others = [one for one in stage.replicas if one is not active and one.pid]
            os.kill(self.chance.choice(others).pid, signal.SIGKILL)
            self.by_chance += 1
        self.took.append((mishap, await stage.taken_over(epoch)))
        if mishap == FREEZE:
            await stage.clock.sleep(self.chance.uniform(0, FROZEN))
            os.kill(pid, signal.SIGCONT)
        await stage.ready()
