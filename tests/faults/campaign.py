"""
Random kills: hundreds of incidents under way at once, and SIGKILL whenever chance wants it.

Alerts come by webhook, approvals by clicks in the local workspace, while the bot dies and comes
back. Each life gets its part of the clicks, so that runs are under way at every kill. The seed
decides what is slow, who clicks when and when it dies; only the machine adds to that.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import mortal, street
from tests.faults import stage as stages
from tests.faults.checker import Verdict
from tests.faults.stage import Stage
from tests.faults.street import Book, House

BOOKS = (
    Book("Narrow", within="8s"),
    Book("Crowded", method="PUT", on_uncertain="redo", within="8s"),
    Book("Doubtful", on_uncertain="ask", within="8s"),
    Book("Harmless", unattended=True, within="8s"),
    Book("TwoSteps", places=("queue", "pool"), within="8s"),
    Book("Stubborn", places=("pool", "queue"), within="500ms"),
)
OPEN = """
    select count(*) from entry where kind = 'incident.opened' and not exists (
        select 1 from entry as e where e.incident = entry.incident and e.kind = 'incident.closed')
"""
RUNNING = """
    select count(*) from entry where kind = 'run.started' and not exists (
        select 1 from entry as e where e.incident = entry.incident
        and e.kind in ('run.verified', 'incident.closed'))
"""
SETTLED = """
    select count(distinct incident) from entry where kind in ('run.verified', 'incident.closed')
"""
COUNT = "select count(*) from entry where kind = 'incident.opened'"
SENDERS = 25
WHILE_ALERTS_COME = 2
"""Kills before everything is open."""
LIFETIME = (0.0, 1.2)
"""Seconds that a life has once its clicks are made, at least and at most."""
PATIENCE = 600.0


@dataclass
class Random:
    """One campaign: so many runs and kills, decided by one seed."""

    runs: int
    kills: int
    seed: int
    under_way: list[tuple[int, int]] = field(default_factory=list)
    """At each kill: how many incidents were open, and how many runs had begun and not ended."""
    verdict: Verdict = field(default_factory=Verdict)
    pressed: set[str] = field(default_factory=set)
    allowed: int = 0
    """How many clicks are made by the end of this life."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.books = {f"s{n:03}": BOOKS[n % len(BOOKS)] for n in range(self.runs)}
        self.asking = sum(not book.unattended for book in self.books.values())

    async def play(self, directory: Path) -> Verdict:
        """Play it to its end, and judge what is left."""
        houses = {name: House(stubborn=book.alert == "Stubborn")
                  for name, book in self.books.items()}  # fmt: skip
        street.slowed(houses.values(), self.chance, 0.15)
        opened = stages.opened(directory, houses, BOOKS, life=mortal.hasten)
        async with asyncio.timeout(PATIENCE), opened as stage:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._alerts(stage, "firing", lambda _: True))
                clicking = group.create_task(self._click(stage))
                await self._kill(stage)
                await clicking
            await self._until(lambda: stage.asked(SETTLED) == self.runs)
            well = {name for name, house in houses.items() if house.well}
            await self._alerts(stage, "resolved", lambda name: name in well)
            await self._until(lambda: stage.asked(OPEN) == 0)
            self.verdict = stage.judged()
        return self.verdict

    async def _alerts(self, stage: Stage, status: str, wanted: Callable[[str], bool]) -> None:
        gate = asyncio.Semaphore(SENDERS)

        async def send(name: str, book: Book) -> None:
            async with gate:
                await stage.alert(book.alert, name, status)

        await asyncio.gather(*(send(*each) for each in self.books.items() if wanted(each[0])))

    async def _kill(self, stage: Stage) -> None:
        """Kill it while alerts come in, and then while everything is open and runs are begun."""
        for number in range(self.kills):
            died = stage.died
            while not stage.alive.is_set():
                await stage.clock.sleep(0.01)
            if number >= WHILE_ALERTS_COME:
                await self._until(lambda: stage.asked(COUNT) == self.runs)
                self.allowed += self.asking // (self.kills - WHILE_ALERTS_COME + 1)
                await self._until(lambda: len(self.pressed) >= self.allowed)
            await stage.clock.sleep(self.chance.uniform(*LIFETIME))
            self.under_way.append((stage.asked(OPEN), stage.asked(RUNNING)))
            if stage.scene.bot is not None and stage.scene.bot.pid is not None:
                os.kill(stage.scene.bot.pid, signal.SIGKILL)
            while stage.died == died:
                await stage.clock.sleep(0.005)
        self.allowed = self.asking

    async def _click(self, stage: Stage) -> None:
        """Approve what is asked, as much as this life is to begin with."""
        while len(self.pressed) < self.asking:
            found = [b for b in stage.buttons("approve_recovery") if b[1] not in self.pressed]
            self.chance.shuffle(found)
            chosen = found[: max(0, self.allowed - len(self.pressed))]
            await asyncio.gather(*(self._approve(stage, *one) for one in chosen))
            await stage.clock.sleep(stages.AGAIN)

    async def _approve(self, stage: Stage, ts: str, value: str) -> None:
        who = self.chance.choice(("andre", "ana"))
        if await stage.pressed(ts, who, "approve_recovery", value):
            self.pressed.add(value)

    async def _until(self, held: Callable[[], bool]) -> None:
        while not held():
            await asyncio.sleep(0.2)
