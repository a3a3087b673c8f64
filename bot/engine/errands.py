"""Errands: what is done about incidents beside their runs, once at a time for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from bot import ports


class Errands:
    """
    Does one thing for each incident that it is wanted for, each in a task of its own.

    They are begun by one task that ends with the house: so what is recorded while it closes
    begins nothing, and is left to the next life, which reads from the ledger what is due.
    """

    def __init__(
        self, tasks: ports.Background, does: Callable[[str], Awaitable[None]], says: str
    ) -> None:
        """`says` is what is done, for people; the incident's name follows it."""
        self._tasks = tasks
        self._does = does
        self._says = says
        self._under_way: set[str] = set()
        self._news: asyncio.Queue[str] = asyncio.Queue()

    def __len__(self) -> int:
        return len(self._under_way)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._under_way))

    def __contains__(self, incident: str) -> bool:
        return incident in self._under_way

    def begin(self) -> None:
        """Take what is wanted from now on, and what was wanted already."""
        self._tasks.start(self._work(), name=f"begin to {self._says}")

    def want(self, incident: str) -> None:
        """Have it done for this incident, unless that is under way."""
        if incident not in self._under_way:
            self._under_way.add(incident)
            self._news.put_nowait(incident)

    async def _work(self) -> None:
        while True:
            name = await self._news.get()
            self._tasks.start(self._do(name), name=f"{self._says} {name}")

    async def _do(self, incident: str) -> None:
        try:
            await self._does(incident)
        finally:
            self._under_way.discard(incident)
