"""Keeps one digest a storm true: seldom enough that it leaves most edits to the cards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from bot import ports
from bot.core.episode import Episode
from bot.core.errors import StoreUnavailable
from bot.core.incident import Incident
from bot.slack import letters
from bot.slack.cards import digest
from bot.slack.cards.digest import Line
from bot.slack.letters import Kind, Post, Priority
from bot.slack.needs import Wishes
from bot.slack.weather import CALM, Storm, Weather, handed_over, quiet

AT_A_TIME = 2
"""Lines that are rendered before others have their turn."""
SELDOM = 5.0
"""Seconds between two states of one digest, in one channel."""
SHARE = 2.7
"""Seconds more for each further channel: digests together take half of all edits."""
TOLD = timedelta(hours=1)
"""How long after its end a storm is still looked after."""


class Digests:
    """
    `get` gives an incident as it stands, `home` is the workspace's address for links.

    `guard` says why nothing runs unattended, while so much is in trouble; empty otherwise.
    """

    def __init__(
        self,
        get: Callable[[str], Incident | None],
        outbox: Wishes,
        clock: ports.Clock,
        *,
        channel: str,
        wake: Callable[[], None],
        guard: Callable[[], str] = str,
        home: str = "",
        seldom: float = SELDOM,
    ) -> None:
        self.weather = Weather(channel)
        self._get = get
        self._outbox = outbox
        self._clock = clock
        self._wake = wake
        self._guard = guard
        self._home = home
        self._seldom = seldom
        self._begun = asyncio.Event()
        self._turns: dict[Storm, float] = {}
        self._going: set[str] = set()
        self._lines: dict[str, Line] = {}
        self._calls: dict[Storm, dict[tuple[str, ...], set[str]]] = {}

    def load(self, episodes: Iterable[Episode]) -> None:
        """Remember what happened before this process began; what is long over is forgotten."""
        known = list(episodes)
        self.weather.load(known)
        self._going.update(one.id for one in known if not one.over)
        self._settle()
        self._begun.set()

    def told(self, incident: Incident, at: datetime) -> None:
        """An incident stands so now."""
        before = len(self.weather.storms)
        self.weather.follow(incident, at)
        if incident.over:
            self._going.discard(incident.id)
        else:
            self._going.add(incident.id)
        self._lines.pop(incident.id, None)
        if len(self.weather.storms) > before:
            self._begun.set()

    def hides(self, incident: Incident) -> bool:
        """Whether the digest tells enough of it."""
        return self.within(incident) and (quiet(incident) or self._called_enough(incident))

    def _called_enough(self, incident: Incident) -> bool:
        """
        Whether the same people were called often enough in this storm, by cards of their own.

        What somebody was asked about, what ran and what came back is told by itself all the same.
        """
        storm, called = self.weather.of(incident.id), incident.escalated
        if storm is None or called is None or not handed_over(incident):
            return False
        shown = self._calls.setdefault(storm, {}).setdefault(called.whom, set())
        if len(shown) < digest.CALLS:
            shown.add(incident.id)
        return incident.id not in shown

    def within(self, incident: Incident) -> bool:
        """Whether it opened in a storm, so that its thread keeps to what matters."""
        return self.weather.of(incident.id) is not None

    async def run(self) -> None:
        """Tell of each storm as soon as it begins, then now and then while it is looked after."""
        while True:
            self._begun.clear()
            self._settle()
            rest = await self._round()
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._begun.wait()

    async def _round(self) -> float | None:
        """Tell of those whose turn it is; the seconds until the next turn, None when calm."""
        now, storms = self._clock.monotonic(), list(self.weather.storms)
        pause = max(self._seldom, SHARE * len({storm.channel for storm in storms}))
        self._turns = {storm: self._turns.get(storm, now) for storm in storms}
        for storm in storms:
            if self._turns[storm] <= now:
                self._turns[storm] = now + pause
                with suppress(StoreUnavailable):
                    await self._tell(storm)
        now = self._clock.monotonic()
        return min((max(0.0, turn - now) for turn in self._turns.values()), default=None)

    async def tell(self) -> None:
        """Say of every storm how it stands now."""
        for storm in list(self.weather.storms):
            await self._tell(storm)

    def _settle(self) -> None:
        now = self._clock.now()
        self.weather.settle(now)
        told = [
            storm
            for storm in self.weather.storms
            if storm.over and now > storm.last + CALM + TOLD and self._going.isdisjoint(storm.met)
        ]
        if told:
            self.weather.forget(told)
            for storm in told:
                self._calls.pop(storm, None)
            met = {name for storm in self.weather.storms for name in storm.met}
            self._lines = {name: line for name, line in self._lines.items() if name in met}

    async def _met(self, storm: Storm) -> list[Line]:
        """
        What the digest says of each, as it stands now; what has not moved since is not read again.

        After a start these may be thousands: the healing has its turn after every few of them.
        A storm that has just begun is told in one go, or cards would be posted before its digest.
        """
        met = []
        for number, name in enumerate(tuple(storm.met), 1):
            if name not in self._lines and (known := self._get(name)) is not None:
                self._lines[name] = _line(known)
                if number % AT_A_TIME == 0:
                    await asyncio.sleep(0)
            if (line := self._lines.get(name)) is not None:
                met.append(line)
        return met

    async def _tell(self, storm: Storm) -> None:
        if await self._want(storm):
            self._wake()

    async def _want(self, storm: Storm) -> bool:
        met = await self._met(storm)
        links = {one.id: await self.link(one.id) for one in digest.named(met) if one.carded}
        ended = storm.last + CALM if storm.over else None
        said = digest.card(met, links, storm.began, ended, self._guard())
        slot = letters.digest(storm.name)
        return await self._outbox.want(
            slot,
            storm.channel,
            None,
            Kind.MESSAGE,
            Priority.ESCALATION,
            Post(text=said.text, blocks=tuple(said.blocks)).model_dump_json(),
            self._clock.now(),
        )

    async def link(self, incident: str) -> str:
        """Where its card stands, for links; empty while it stands nowhere."""
        place = await self._outbox.where(letters.card(incident))
        if place is None or not self._home:
            return ""
        return f"{self._home}archives/{place.channel}/p{place.ts.replace('.', '')}"


def _line(incident: Incident) -> Line:
    return digest.line(incident, carded=not quiet(incident))
