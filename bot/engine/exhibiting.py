"""
Exhibiting: once it is known how a run ended, what can be looked at is gathered and kept.

It stands beside the runs, one incident at a time: whatever is slow or away there delays or changes
nothing. What is due is read from the ledger, so that a restart goes on with it. Where very many
wait, those that have waited longest are kept in words, until few enough are left to be drawn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot import ports
from bot.core import exhibit, exhibits
from bot.core.errors import ActionError, StoreUnavailable
from bot.core.exhibit import Exhibit
from bot.core.graph import Graph
from bot.core.incident import Incident
from bot.core.transcript import Entry
from bot.engine import graphing, recording
from bot.engine.world import World

LATELY, MANY = timedelta(days=1), 1000
"""At a start: how far back incidents are looked through for what is missing, and how many."""
AGAIN = 5.0
"""Seconds before the next try when the ledger cannot be written."""
WAITING = 500
"""Incidents that may wait for a picture; of more, the oldest are told in words, without asking."""
KINDS = frozenset({"run.verified", "run.rolled_back", "incident.escalated", "incident.closed"})
log = logging.getLogger(__name__)

Draw = Callable[[Graph], Awaitable[bytes]]
"""Makes a picture; ActionError when it cannot."""


class Exhibiting:
    """Keeps what incidents have to show; without `draw` no graphs."""

    def __init__(
        self, world: World, kept: ports.Exhibits, draw: Draw | None, waiting: int = WAITING
    ) -> None:
        self._world = world
        self._kept = kept
        self._draw = draw
        self._waiting = waiting
        self._crowded = False
        self._due: dict[str, None] = {}
        """By name alone, so that any number may wait."""
        self._news = asyncio.Event()

    def begin(self) -> None:
        """Listen, and go on with what an earlier life did not keep."""
        self._world.cases.subscribe(self._told)
        self._world.tasks.start(self._work(), name="keep what can be looked at")

    async def _looked_back(self) -> bool:
        """One after the other: to read them all would keep a start from being ready."""
        cases = self._world.cases
        try:
            lately = cases.since(self._world.clock.now() - LATELY, MANY)[::-1]
            names = (*(one.id for one in cases.open()), *(one.id for one in lately))
            for name in dict.fromkeys(names):
                if (incident := cases.get(name)) is not None:
                    self._look(incident)
                await asyncio.sleep(0)
        except StoreUnavailable:
            return False
        return True

    def _told(self, incident: Incident, entry: Entry) -> None:
        if entry.kind in KINDS:
            self._look(incident)

    def _look(self, incident: Incident) -> None:
        if due(incident):
            self._due[incident.id] = None
            self._news.set()

    async def _work(self) -> None:
        while not await self._looked_back():
            await self._world.clock.sleep(AGAIN)
        while True:
            await self._news.wait()
            self._news.clear()
            while self._due:
                name = next(iter(self._due))
                trying = self._world.tasks.start(self._try(name), name=f"keep what {name} shows")
                await asyncio.wait({trying})
                if trying.exception() or trying.result():
                    self._due.pop(name, None)

    async def _try(self, name: str) -> bool:
        """Whether it is dealt with; in a task of its own, so that it fails for nobody else."""
        try:
            await self._keep(name)
        except StoreUnavailable:
            await self._world.clock.sleep(AGAIN)
            return False
        return True

    async def _keep(self, name: str) -> None:
        incident = self._world.cases.get(name)
        if incident is None or not due(incident):
            return
        texts = exhibits.texts(incident)
        pictured = await (
            self._told_in_words(incident) if self._crowds() else self._graph(incident)
        )
        made = (*((pictured,) if pictured else ()), *texts)[: exhibit.MOST]
        await self._kept.keep([  # in one commit: what is kept of it later is not looked for
            (recording.draft(self._world, name, exhibit.tail(one.said.name), one.said), one.octets)
            for one in made
        ])  # fmt: skip

    def _crowds(self) -> bool:
        """Whether too many wait for each to be drawn; the log says when that begins and ends."""
        crowded = len(self._due) > self._waiting
        if crowded is not self._crowded:
            said = "%d incidents wait to be looked at: %s"
            then = "graphs are kept in words for now" if crowded else "graphs are drawn again"
            log.warning(said, len(self._due), then)
        self._crowded = crowded
        return crowded

    async def _told_in_words(self, incident: Incident) -> Exhibit | None:
        """What Heal itself read of its signals: nobody is asked, and nothing drawn."""
        if self._draw is None:
            return None
        made = await graphing.gather(self._world, incident, asks=False)
        return exhibits.described(made, f"{len(self._due)} incidents waited") if made else None

    async def _graph(self, incident: Incident) -> Exhibit | None:
        """A picture of its signals; when it cannot be drawn, what would be seen in it."""
        draw = self._draw
        made = await graphing.gather(self._world, incident) if draw is not None else None
        if draw is None or made is None:
            return None
        try:
            return exhibits.picture(made, await draw(made))
        except (ActionError, ValueError) as error:
            log.warning("the graph of %s is kept in words: %s", incident.id, error)
            return exhibits.described(made, str(error))


def due(incident: Incident) -> bool:
    """Whether it is known how it went, people hear of it, and nothing is kept of it yet."""
    known = incident.healed_at or incident.rolled_back or incident.escalated or incident.over
    return bool(known) and incident.quiet is None and not incident.exhibits
