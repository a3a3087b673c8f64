"""
Signalling: who raised an incident hears when it was verified healed, and no run waits for that.

What is to be told is read from the ledger, and that it was told is recorded there: so a restart
goes on with it, under the same mark, and a receiver that was not there hears it later.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.core.errors import PermanentError, StoreUnavailable, TemporaryError
from bot.core.facts import Signalled
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.telling import recovered
from bot.core.values import Facts
from bot.engine import recording
from bot.engine.errands import Errands
from bot.engine.world import World

LONGEST = timedelta(hours=1)
"""How long it is tried after success was verified; later the news would be old."""
FIRST, MOST = 1.0, 300.0
"""Seconds before the second try, and at most between two; each wait is twice the last."""
LATELY, MANY = timedelta(days=1), 1000
"""At a start: how far back incidents are looked through for what was not told, and how many."""
TOLD_BY = frozenset({State.HEALED, State.RESOLVED, State.REVERTING, State.REVERTED})
"""Where it is still true that it recovered."""
log = logging.getLogger(__name__)

Post = Callable[[str, Facts], Awaitable[None]]


class Signalling:
    """Tells one receiver of the incidents that `of` is about; `post` gets a mark and the event."""

    def __init__(self, world: World, post: Post, of: Callable[[Incident], bool]) -> None:
        self._world = world
        self._post = post
        self._of = of
        self._errands = Errands(world.tasks, self._tell, "tell the gateway of")

    def begin(self) -> None:
        """Go on with what an earlier life did not tell, then listen."""
        cases = self._world.cases
        self._errands.begin()
        lately = cases.since(self._world.clock.now() - LATELY, MANY)
        known = (*cases.open(), *filter(None, (cases.get(one.id) for one in lately)))
        for incident in known:
            self._look(incident)
        cases.subscribe(lambda incident, _: self._look(incident))

    def _look(self, incident: Incident) -> None:
        if incident.signalled or incident.id in self._errands or not self._of(incident):
            return
        if incident.healed_at is not None and self._fresh(incident.healed_at):
            self._errands.want(incident.id)

    def _fresh(self, healed_at: datetime) -> bool:
        return self._world.clock.now() - healed_at < LONGEST

    async def _tell(self, name: str) -> None:
        """Try until it is heard, is no longer so, or is old."""
        known = self._world.cases.get(name)
        if known is None or known.healed_at is None:
            return
        mark, told, healed_at = recovered.mark(known), recovered.recovered(known), known.healed_at
        tries, wait, why = 0, FIRST, ""
        while not (stale := self._untrue(name)):
            tries += 1
            if not (why := await self._unheard(mark, told)):
                break
            if tries == 1:
                log.warning("the gateway was not told that %s recovered yet: %s", name, why)
            await self._world.clock.sleep(wait)
            wait = min(2 * wait, MOST)
            if not self._fresh(healed_at):
                log.error("the gateway is not told that %s recovered: %s", name, why)
                break
        await self._record(name, Signalled(mark=mark, tries=tries, why_not=stale or why))

    def _untrue(self, name: str) -> str:
        incident = self._world.cases.get(name)
        if incident is None or incident.state in TOLD_BY:
            return ""
        return f"it is {incident.state} by now"

    async def _unheard(self, mark: str, told: Facts) -> str:
        """Why it was not heard, or may not have been: with its mark it can be said again."""
        try:
            await self._world.leave()
            await self._post(mark, told)
        except (TemporaryError, PermanentError) as error:
            return str(error)
        return ""

    async def _record(self, name: str, fact: Signalled) -> None:
        """Until the ledger can be written: else it would be told again at every start."""
        while True:
            try:
                await recording.record(self._world, name, "signalled", fact)
            except StoreUnavailable:
                await self._world.clock.sleep(FIRST)
            else:
                return
