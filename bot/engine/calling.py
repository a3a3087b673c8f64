"""
Calling on: while nobody says that they have what failed, those whom policy names next are called.

An incident is over when a person is called, so no workflow waits for that. What is due follows
from the ledger, and that it was done is recorded there: a restart goes on with it, and calls
nobody twice.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from bot.core import calling
from bot.core.calling import Due
from bot.core.errors import PermanentError, StoreUnavailable, TemporaryError
from bot.core.facts import Raised, Taken, Unheard
from bot.core.incident import Incident
from bot.engine import electing, escalating, recording
from bot.engine.errands import Errands
from bot.engine.world import World

LATELY = timedelta(days=14)
"""At a start: how far back incidents were opened that are looked through."""
SLICE = 30.0
"""Seconds of one wait at most, so that a wall clock that was set is noticed, and a taking."""
AGAIN = 1.0
"""Seconds until the ledger is tried again."""
log = logging.getLogger(__name__)

Holder = Callable[[Incident], Awaitable[tuple[str, str]]]
"""Who has it at the pagers: a name, and the pager that says so; two empty texts for nobody."""


class Calling:
    """Follows each escalation to its end; the pagers are asked before anybody else is woken."""

    def __init__(self, world: World, holders: Sequence[Holder] = ()) -> None:
        self._world = world
        self._holders = holders
        self._errands = Errands(world.tasks, self._follow, "see whether somebody takes")

    def begin(self) -> None:
        """Go on with what an earlier life was waiting for, then listen."""
        for incident in self._world.cases.called(self._world.clock.now() - LATELY):
            self._look(incident)
        self._world.cases.subscribe(lambda incident, _: self._look(incident))
        self._errands.begin()
        self._world.tasks.start(self._hear(), name="look when a pager says that somebody took it")

    def _look(self, incident: Incident) -> None:
        if incident.id not in self._errands and calling.next_due(incident) is not None:
            self._errands.want(incident.id)

    async def _hear(self) -> None:
        """A hint proves nothing: the pagers are asked now instead of at the next look."""
        while True:
            await self._world.hinted.wait()
            self._world.hinted.clear()
            for name in [one for one in self._errands if self._due(one) is not None]:
                try:
                    await self._taken(name)
                except StoreUnavailable as error:
                    log.warning("%s: that somebody took it waits: %s", name, error)

    async def _follow(self, name: str) -> None:
        while (due := self._due(name)) is not None:
            try:
                if await self._taken(name):
                    continue
                left = (due.at - self._world.clock.now()).total_seconds()
                if left > 0:
                    await self._world.clock.sleep(min(left, SLICE))
                else:
                    await self._call(name, due)
            except StoreUnavailable:
                await self._world.clock.sleep(AGAIN)

    def _due(self, name: str) -> Due | None:
        known = self._world.cases.get(name)
        return calling.next_due(known) if known else None

    async def _call(self, name: str, due: Due) -> None:
        """Call the next level, or say that all were called in vain; once over all lives."""
        if due.level is None:
            log.warning("%s: everybody was called, and nobody says that they have it", name)
            await recording.record(self._world, name, "unheard", Unheard(levels=due.number - 1))
            return
        calls, who = await electing.at_level(self._world, due.level)
        known = self._world.cases.get(name)
        if known is not None and self._due(name) == due:  # else somebody took it meanwhile
            page = escalating.paging(self._world, known, wanted=due.level.page)
            fact = Raised(level=due.number, calls=calls, who=who).model_copy(update=page)
            await recording.record(self._world, name, f"raised:{due.number}", fact)

    async def _taken(self, name: str) -> bool:
        """Whether a pager says that somebody has it; one that does not answer says nothing."""
        known = self._world.cases.get(name)
        for holder in self._holders:
            if known is None:
                break
            try:
                by, at = await holder(known)
            except (TemporaryError, PermanentError) as error:
                log.warning("%s: who has it is not known: %s", name, error)
                continue
            if by:
                await taken(self._world, name, Taken(by=by, at=at))
                return True
        return False


async def taken(world: World, name: str, fact: Taken) -> bool:
    """Record that somebody has it; whether they are the first."""
    _, new = await recording.record(world, name, "taken", fact, fact.at or fact.by)
    return new
