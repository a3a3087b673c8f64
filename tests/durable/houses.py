"""One process of the product as far as durability goes; leave it and enter a new one: a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.durable.journal import Journal
from bot.durable.life import Life
from bot.store.ledger import Ledger
from bot.store.writer import Writer
from bot.tasks import Tasks
from tests.durable.clocks import HandClock
from tests.store.drafts import draft

Workflow = Callable[[Life], Awaitable[None]]


async def until(holds: Callable[[], object]) -> None:
    """Wait, in real time, until something holds."""
    async with asyncio.timeout(180):
        while not holds():
            await asyncio.sleep(0.001)


class House:
    """A ledger, its journal and the workflow under test."""

    writer: Writer
    ledger: Ledger
    journal: Journal

    def __init__(self, path: Path, workflow: Workflow, clock: HandClock | None = None) -> None:
        self.clock = clock or HandClock()
        self.crashed: list[tuple[str, str]] = []
        self._path = path
        self._workflow = workflow
        self._tasks = Tasks()

    async def __aenter__(self) -> Self:
        self.writer = await Writer.open(self._path)
        self.ledger = Ledger(self.writer)
        self.journal = Journal(
            self.ledger,
            self.clock,
            self._tasks,
            self._workflow,
            frozenset({"heal-1"}),
            self._crash,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.journal.close(0)
        await self._tasks.close(0)
        await self.writer.close()

    async def open(self, incident: str, workflow: str = "heal-1") -> None:
        body = f'{{"kind":"incident.opened","new_here":1,"workflow":"{workflow}"}}'
        opened = draft(f"{incident}:open", incident=incident, kind="incident.opened", body=body)
        await self.ledger.append(opened)

    async def begin(self, incident: str = "inc-1") -> None:
        await self.open(incident)
        await self.journal.start(incident)

    async def close(self, incident: str) -> None:
        await self.ledger.append(
            draft(f"{incident}:close", incident=incident, kind="incident.closed")
        )

    async def kinds(self, incident: str = "inc-1") -> list[str]:
        return [entry.kind for entry in await self.ledger.of(incident)]

    async def _crash(self, incident: str, error: BaseException) -> None:
        self.crashed.append((incident, str(error)))
