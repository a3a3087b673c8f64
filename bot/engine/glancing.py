"""Glancing: what comes in, what waits and what policy held back, read for whoever asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta

from bot import ports
from bot.core import prospects
from bot.core.course import Course
from bot.core.policy.sections import Freeze, Maintenance
from bot.core.policy.timetable import Row
from bot.core.policy.verdict import Ruled
from bot.core.prospects import Report
from bot.engine.arrivals import TAKEN, Arrivals
from bot.engine.world import World
from bot.ports import Door, Glance, Standstill

LATELY = timedelta(hours=24)
Ruling = Callable[[datetime], Awaitable[Sequence[Ruled]]]
Between = Callable[[datetime, datetime], Awaitable[Sequence[Course]]]


class Glancing:
    """
    The engine's side of the watchtower.

    `ruled` reads what policy said since a moment, `between` how incidents of a while went.
    """

    def __init__(
        self,
        world: World,
        inbox: ports.Inbox,
        arrivals: Arrivals,
        ruled: Ruling,
        between: Between,
    ) -> None:
        self._world = world
        self._inbox = inbox
        self._arrivals = arrivals
        self._ruled = ruled
        self._between = between
        self._since = world.clock.now()

    async def glance(self) -> Glance:
        """As it stands now; ConfigurationError or StoreUnavailable when the file is unreadable."""
        now, oldest = self._world.clock.now(), await self._inbox.oldest()
        return Glance(
            since=self._since,
            doors=tuple(self._doors()),
            waiting=sum(self._inbox.waiting().values()),
            oldest=max(now - oldest, timedelta()) if oldest else timedelta(),
            ruled=tuple(await self._ruled(now - LATELY)),
            standstills=tuple(self._standstills(now)),
            untold=self._world.untold.by_system(),
        )

    async def report(self, lasts: timedelta, until: datetime | None = None) -> Report:
        """What so long came to, until then or now; ConfigurationError: the file is unreadable."""
        until = until or self._world.clock.now()
        return prospects.report(await self._between(until - lasts, until), until - lasts, until)

    def _doors(self) -> Iterator[Door]:
        """Each source that anything came to, the busiest first."""
        by_source: dict[str, Counter[str]] = {}
        for (source, outcome), count in self._arrivals.messages.items():
            by_source.setdefault(source, Counter())[outcome] += count
        busiest = sorted(by_source, key=lambda name: (-by_source[name].total(), name))
        for source in busiest:
            counts = by_source[source]
            messages = sum(counts.pop(taken, 0) for taken in TAKEN)
            yield Door(source, messages, self._arrivals.alerts[source], dict(counts))

    def _standstills(self, now: datetime) -> Iterator[Standstill]:
        """What the policy itself freezes; people's own orders stand in the incidents' record."""
        today = self._world.timetable(now)
        rows: tuple[Row[Freeze] | Row[Maintenance], ...] = (*today.freezes, *today.maintenance)
        for row in rows:
            if (span := row.at(now)) is not None:
                yield Standstill(row.window.name, _place(row), span.ends)
            elif row.doubtful(now):
                yield Standstill(row.window.name, _place(row), None)


def _place(row: Row[Freeze] | Row[Maintenance]) -> str:
    """Where it holds, in words."""
    services, environments = row.window.services, row.window.environments
    what = "everything" if services == ("*",) else ", ".join(services)
    return what if environments == ("*",) else f"{what} in {', '.join(environments)}"
