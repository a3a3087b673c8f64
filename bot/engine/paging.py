"""
Paging: a storm wakes nobody more often in a minute than policy says, and one page tells the rest.

That a page was held back is on record with the call itself, and that one page told of it is too:
what is due follows from the ledger, so a restart goes on with it, and no page is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.core import calling, redaction, visible
from bot.core.alert import Severity
from bot.core.errors import StoreUnavailable
from bot.core.facts import Escalated, Gathered, Raised
from bot.core.incident import Incident
from bot.core.transcript import Entry
from bot.engine import recording
from bot.engine.pages import MINUTE
from bot.engine.world import World

LATELY = timedelta(days=1)
"""At a start: how far back incidents were opened whose pages may be held back still."""
AGAIN = 1.0
"""Seconds until the ledger is tried again."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
LISTED, TOGETHER = 30, 500
"""Incidents that one page says something about, and that it is for at most."""


class Gathering:
    """Sends one page for what was held back, a minute after the first of it, place by place."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._held: dict[str, dict[str, None]] = {}
        self._news: asyncio.Queue[tuple[str, float]] = asyncio.Queue()

    def begin(self) -> None:
        """Go on with what an earlier life held back, then listen."""
        now, lately = self._world.clock.now(), list[Incident]()
        told: dict[str, datetime] = {}
        for incident in self._world.cases.called(now - LATELY):
            lately.append(incident)
            for one in incident.story:
                names = one.fact.incidents if isinstance(one.fact, Gathered) else ()
                told.update({name: one.at for name in names if one.at > told.get(name, LONG_AGO)})
        for incident in lately:
            self._world.pages.recall(incident, now, self._world.clock.monotonic())
            held = calling.held_at(incident)
            if held is not None and told.get(incident.id, LONG_AGO) < held:
                self._hold(incident, (now - held).total_seconds())
        self._world.cases.subscribe(self._told)
        self._world.tasks.start(self._work(), name="one page for what was held back")

    def _told(self, incident: Incident, entry: Entry) -> None:
        fact = incident.story[-1].fact
        if entry.kind == fact.kind and isinstance(fact, Escalated | Raised) and fact.held:
            self._hold(incident, 0.0)

    def _hold(self, incident: Incident, since: float) -> None:
        """Held back so many seconds ago; the first of a place says when they are told of."""
        route = self._world.pages.route(incident)
        if route not in self._held:
            self._held[route] = {}
            self._news.put_nowait((route, min(MINUTE, max(0.0, MINUTE - since))))
        self._held[route][incident.id] = None

    async def _work(self) -> None:
        while True:
            route, wait = await self._news.get()
            self._world.tasks.start(self._gather(route, wait), name="page what was held back")

    async def _gather(self, route: str, wait: float) -> None:
        await self._world.clock.sleep(wait)
        needed = list[Incident]()
        for name in self._held.pop(route):
            known = self._world.cases.get(name)
            if known is not None and known.taken is None:
                needed.append(known)
            await asyncio.sleep(0)
        worst = list(Severity)
        needed.sort(key=lambda one: -worst.index(one.severity))
        for first in range(0, len(needed), TOGETHER):
            await self._page(needed[first : first + TOGETHER])

    async def _page(self, those: Sequence[Incident]) -> None:
        """On the worst of them, until it is on record: from there on pagers are told as of all."""
        lead = those[0]
        fact = Gathered(
            level=len(lead.raised) + 1,
            incidents=tuple(one.id for one in those),
            lines=tuple(_line(one) for one in those[:LISTED]),
        )
        before = sum(isinstance(one.fact, Gathered) for one in lead.story)
        while True:
            try:
                await recording.record(self._world, lead.id, f"gathered:{before + 1}", fact)
            except StoreUnavailable:
                await self._world.clock.sleep(AGAIN)
            else:
                return


def _line(incident: Incident) -> str:
    """What it is about, short enough for a phone; without secrets, to be escaped."""
    where = ", ".join(filter(None, (incident.service, incident.environment)))
    about = (
        f"{incident.opened.title[:120]} ({where[:80]})" if where else incident.opened.title[:120]
    )
    return f"{incident.id}: {visible.line(redaction.text(about))}"
