"""
Random kills: hundreds of incidents under way at once, and SIGKILL whenever chance wants it.

Alerts come by webhook, approvals by clicks in the local workspace, while the bot dies and comes
back. So many clicks are made in each life that there is something under way at every kill. The
seed decides what is slow, who clicks when and when it dies; only the machine adds to that.
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
    Book("Narrow", within="3s"),
    Book("Crowded", method="PUT", on_uncertain="redo", within="3s"),
    Book("Doubtful", on_uncertain="ask", within="3s"),
    Book("Harmless", unattended=True, within="3s"),
    Book("TwoSteps", places=("queue", "pool"), within="3s"),
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
SENDERS = 25
LIFETIME = (0.2, 2.5)
"""Seconds that a life has after it opened its doors, at least and at most."""
PATIENCE = 400.0


@dataclass
class Random:
    """One campaign: so many runs and kills, decided by one seed."""

    runs: int
    kills: int
    seed: int
    under_way: list[tuple[int, int]] = field(default_factory=list)
    """At each kill: how many incidents were open, and how many runs had begun and not ended."""
    verdict: Verdict = field(default_factory=Verdict)
    clicks: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.books = {f"s{n:03}": BOOKS[n % len(BOOKS)] for n in range(self.runs)}

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
        """Kill it so many times, each time after it had its doors open for a while."""
        for _ in range(self.kills):
            died = stage.died
            while not stage.alive.is_set():
                await stage.clock.sleep(0.01)
            await stage.clock.sleep(self.chance.uniform(*LIFETIME))
            self.under_way.append((stage.asked(OPEN), stage.asked(RUNNING)))
            if stage.scene.bot is not None and stage.scene.bot.pid is not None:
                os.kill(stage.scene.bot.pid, signal.SIGKILL)
            while stage.died == died:
                await stage.clock.sleep(0.005)

    async def _click(self, stage: Stage) -> None:
        """Approve what is asked; never so fast that nothing is left for the next life."""
        pressed: set[str] = set()
        asking = sum(not book.unattended for book in self.books.values())
        while len(pressed) < asking:
            lives = len(self.under_way) + 1
            most = asking if lives > self.kills else asking * lives // (self.kills + 1)
            found = [b for b in stage.buttons("approve_recovery") if b[1] not in pressed]
            self.chance.shuffle(found)
            for ts, value in found[: max(0, most - len(pressed))]:
                who = self.chance.choice(("andre", "ana"))
                if await stage.pressed(ts, who, "approve_recovery", value):
                    pressed.add(value)
            await stage.clock.sleep(stages.AGAIN)
        self.clicks = len(pressed)

    async def _until(self, held: Callable[[], bool]) -> None:
        while not held():
            await asyncio.sleep(0.2)
