"""Overviews: what is going on in the whole house, as `status` and the Home tab show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot import ports
from bot.core import batches
from bot.slack.cards import figures, lists, policy
from bot.slack.cards import glance as cards
from bot.slack.cards.lists import Ordered
from bot.slack.cards.message import Message

RECENT = 50
"""Incidents of late that are looked through for those that ended."""


class Overviews:
    """`allowed` are the pre-approvals in words."""

    def __init__(
        self,
        engine: ports.Engine,
        cases: ports.Cases,
        clock: ports.Clock,
        allowed: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._orders = engine.orders
        self._tower = engine.tower
        self._cases = cases
        self._clock = clock
        self._allowed = allowed

    async def status(self) -> Message:
        """All that is open, waits or is held back; what is not in force stands above it."""
        opened, now, glance = self._cases.open(), self._clock.now(), await self._tower.glance()
        asked = filter(None, map(batches.question, opened))
        said = lists.status(
            opened,
            self._cases.recent(RECENT),
            self.ordered(),
            (*cards.standstills(glance.standstills), *cards.together(batches.batched(asked), now)),
            (*cards.queue(lists.in_line(opened)), *cards.blocks(glance)),
        )
        return policy.above(said, self._cases.standing().unread)

    async def report(self, lasts: timedelta) -> Message:
        """What so long came to."""
        return figures.card(await self._tower.report(lasts))

    def ordered(self) -> Ordered:
        """What holds for the whole house now."""
        standing, now = self._cases.standing(), self._clock.now()
        return Ordered(
            halted=standing.halted,
            allowed=self._allowed(),
            frozen=standing.frozen_at(now),
            breakers=self._orders.breakers(),
            storm=self._orders.storm(),
        )
