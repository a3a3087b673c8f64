"""While people are asked: a reminder when half of the time is gone, then those who stand in."""

from __future__ import annotations

import asyncio
from datetime import datetime

from bot.core.approval import Request
from bot.core.errors import StoreUnavailable
from bot.core.facts import Reminded
from bot.core.incident import Incident, request_of
from bot.engine import electing, recording
from bot.engine.world import World

HALF, LATE = 0.5, 0.8
"""At which part of the time people are reminded, and when it is the fallback's turn."""
SLICE = 30.0
"""Seconds of one wait at most, so that a wall clock that was set is noticed."""
AGAIN = 1.0
"""Seconds until the ledger is tried again."""


class Reminding:
    """
    Reminds of all that waits, each at its moment, once over all lives.

    Thousands may wait for days, so none has a task of its own for it.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._next: dict[str, datetime] = {}
        self._news = asyncio.Event()

    def begin(self) -> None:
        """Go on with what an earlier life left, then listen."""
        for incident in self._world.cases.open():
            self._look(incident)
        self._world.cases.subscribe(lambda incident, _: self._look(incident))
        self._world.tasks.start(self._work(), name="remind who is asked")

    def _look(self, incident: Incident) -> None:
        due = next_due(incident, self._world.clock.now())
        before = self._next.pop(incident.id, None)
        if due is not None:
            self._next[incident.id] = due[0]
        if before != self._next.get(incident.id):
            self._news.set()

    async def _work(self) -> None:
        """Each in a task of its own: who stands in may have to be asked for."""
        while True:
            self._news.clear()
            now = self._world.clock.now()
            for name in [name for name, at in self._next.items() if at <= now]:
                del self._next[name]
                self._world.tasks.start(self._remind(name), name=f"remind of {name}")
            await self._wait()

    async def _wait(self) -> None:
        """Until the next moment, or until another one is the next."""
        if not self._next:
            await self._news.wait()
            return
        clock = self._world.clock
        left = (min(self._next.values()) - clock.now()).total_seconds()
        async with asyncio.TaskGroup() as group:
            news = group.create_task(self._news.wait())
            sleeping = group.create_task(clock.sleep(min(left, SLICE)))
            await asyncio.wait({news, sleeping}, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            sleeping.cancel()

    async def _remind(self, name: str) -> None:
        """Those who stand in are looked up once; meanwhile somebody may have decided."""
        while due := self._due(name):
            _, request, fallback = due
            who = await electing.standing_in(self._world, request) if fallback else ()
            if (known := self._world.cases.get(name)) is None or self._due(name) != due:
                continue
            said = {one.vote.who for one in known.votes if one.round == request.round}
            left = tuple(one for one in who if one not in said)
            fact = Reminded(round=request.round, fallback=fallback, who=left)
            key = f"remind:{request.round}:{'fallback' if fallback else 'half'}"
            try:
                await recording.record(self._world, name, key, fact)
            except StoreUnavailable:
                await self._world.clock.sleep(AGAIN)

    def _due(self, name: str) -> tuple[datetime, Request, bool] | None:
        """What is due by now."""
        now, known = self._world.clock.now(), self._world.cases.get(name)
        due = next_due(known, now) if known else None
        return due if due and due[0] <= now else None


def next_due(incident: Incident, now: datetime) -> tuple[datetime, Request, bool] | None:
    """
    When somebody is reminded next, of what, and whether it is the fallback's turn.

    Where nobody was here at the first moment, the second one says more.
    """
    request = request_of(incident)
    if request is None or request.asked_at is None or now >= request.expires_at:
        return None
    told = {one.fallback for one in incident.reminded if one.round == request.round}
    asked, span = request.asked_at, request.expires_at - request.asked_at
    if True in told:
        return None
    if False in told or now >= asked + span * LATE:
        return asked + span * LATE, request, True
    return asked + span * HALF, request, False
