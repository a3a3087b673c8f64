"""Renewing: what people change on disk is taken whole while Heal runs, or loudly not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.catalog import watching
from bot.catalog.reloading import Catalog
from bot.core import values
from bot.core.errors import StoreUnavailable
from bot.core.facts import PolicyRefused, PolicyTaken
from bot.core.library import Library
from bot.core.lookout import Lookout
from bot.core.policy import changed
from bot.engine import recording
from bot.engine.world import World
from bot.timers import Timers

EVERY = timedelta(seconds=5)
"""How often the disk is looked at; what changes is read when it stood still for that long."""
MOST = 20
"""Problems, or keys that changed, that are recorded; the rest is counted, and in the log."""
log = logging.getLogger(__name__)

Look = Callable[[Lookout], Awaitable[None]]
Settle = Callable[[], Awaitable[None]]
Notice = Callable[[PolicyTaken | PolicyRefused], Awaitable[None]]


class Renewing:
    """Looks at the disk, and asks the catalog to read it again when something is another."""

    def __init__(
        self,
        world: World,
        catalog: Catalog[Library],
        directory: Path,
        timers: Timers,
        look: Look,
        settle: Settle,
        notice: Notice,
    ) -> None:
        """
        `look` is what the timer of a lookout calls, `settle` takes back what was told by those
        that there are no more, `notice` tells people in Slack.
        """
        self._world = world
        self._catalog = catalog
        self._directory = directory
        self._timers = timers
        self._look = look
        self._settle = settle
        self._unsettled = False
        self._notice = notice
        self._read = self._seen = watching.print_of(directory)
        self._turn = asyncio.Lock()

    async def begin(self) -> None:
        """Let detectors look, and the disk be watched; note what changed while Heal was away."""
        library, standing = self._catalog.current, self._world.cases.standing()
        for lookout in library.lookouts.values():
            self._watch(lookout)
        last = standing.policy
        if standing.unread or (last is not None and last.digest != library.policy_digest):
            await self._took(library, last.digest if last else "")
        await self._take_back()
        self._timers.every(EVERY, "look whether runbooks or policy changed", self.look)

    def notes(self) -> list[str]:
        """What keeps no traffic away, and somebody should look at."""
        unread = self._world.cases.standing().unread
        return [f"not in force: {one}" for one in unread.problems] if unread else []

    async def look(self) -> None:
        """Read it again when it is another than was read last, and did not move since before."""
        if self._unsettled:
            await self._take_back()
        seen = await asyncio.to_thread(watching.print_of, self._directory)
        stands, self._seen = seen == self._seen, seen
        if stands and seen != self._read:
            await self.reload()

    async def reload(self) -> None:
        """Read it now; what is bad is recorded and told, and changes nothing."""
        async with self._turn:
            seen = await asyncio.to_thread(watching.print_of, self._directory)
            try:
                problems = await self._catalog.reload(self._renew)
                if problems:
                    await self._refuse(problems)
            except StoreUnavailable as error:
                log.warning("runbooks and policy are read again later: %s", error)
                return
            self._read = seen
            if not problems:
                await self._take_back()

    async def _renew(self, new: Library) -> None:
        """Record it, and let its detectors look instead of the old ones."""
        old = self._catalog.current
        if self._world.cases.standing().unread or _differs(old, new):
            await self._took(new, old.policy_digest, _changed(old, new))
        for name in old.lookouts.keys() - new.lookouts.keys():
            self._timers.drop(name)
        for name, lookout in new.lookouts.items():
            if old.lookouts.get(name) != lookout:
                self._watch(lookout)

    async def _take_back(self) -> None:
        """While the ledger cannot be written it is owed."""
        self._unsettled = True
        try:
            await self._settle()
        except StoreUnavailable as error:
            log.warning("what detectors told that are gone is taken back later: %s", error)
            return
        self._unsettled = False

    async def _took(self, new: Library, before: str, keys: tuple[str, ...] = ()) -> None:
        unread = self._world.cases.standing().unread
        fact = PolicyTaken(
            digest=new.policy_digest,
            before=before,
            runbooks=len(new.runbooks),
            changed=keys[:MOST],
            mends=unread.name if unread else "",
        )
        await self._record(fact)
        log.info("in force: policy %s, %s runbooks", fact.digest[:12], fact.runbooks)

    async def _refuse(self, problems: tuple[str, ...]) -> None:
        """Say it once an episode; when the problems are others, the same message says so."""
        for problem in problems:
            log.error("not in force: %s", problem)
        unread = self._world.cases.standing().unread
        name = unread.name if unread else f"{self._world.clock.now():%Y%m%dT%H%M%S%f}"
        fact = PolicyRefused(
            name=name,
            keeps=self._catalog.current.policy_digest,
            problems=problems[:MOST],
            count=len(problems),
        )
        if unread != fact:
            await self._record(fact)

    async def _record(self, fact: PolicyTaken | PolicyRefused) -> None:
        digest = values.digest(fact.model_dump(mode="json"))
        key = f"policy:{self._world.clock.now().isoformat()}:{digest[:16]}"
        await recording.record(self._world, "", key, fact)
        await self._notice(fact)

    def _watch(self, lookout: Lookout) -> None:
        every = lookout.detector.every
        first = self._world.clock.now() + every * lookout.phase
        self._timers.every(every, lookout.name, partial(self._look, lookout), first)


def _differs(old: Library, new: Library) -> bool:
    if old.policy_digest != new.policy_digest or old.detectors != new.detectors:
        return True
    books = [{one.runbook: one.digest for one in each.runbooks} for each in (old, new)]
    return books[0] != books[1]


def _changed(old: Library, new: Library) -> tuple[str, ...]:
    return (
        *changed.rules(old.rulebook, new.rulebook),
        *changed.services(old.services, new.services),
    )
