"""Detecting: probes on a schedule become alerts that fire, and resolve, like anybody else's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import ports
from bot.core import lookout as lookouts
from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.core.expressions import ExpressionError
from bot.core.facts import Reading
from bot.core.library import Library
from bot.core.lookout import Lookout, Seen, Sight
from bot.core.plan import PlannedProbe
from bot.engine import filling, reading
from bot.engine.world import World

AT_ONCE = 50
"""Looks that read at the same time; the others wait."""
LONGEST = timedelta(seconds=30)
"""A probe that takes longer saw nothing, so that a hanging one keeps no place from others."""
BLIND_AFTER = 3
"""Looks in a row that see nothing before operators are told."""
MOST = 20
"""Lookouts that are told one by one; the rest is counted."""
log = logging.getLogger(__name__)
Take = Callable[[Sequence[Alert]], Awaitable[object]]


@dataclass
class Watch:
    """What one lookout has seen: since when, how often in a row, and what was told of it."""

    lookout: Lookout
    since: datetime | None = None
    times: int = 0
    blind_since: datetime | None = None
    blind: int = 0
    why: str = ""
    told: Alert | None = None
    told_blind: Alert | None = None

    def saw(self, seen: Seen, now: datetime) -> None:
        """Whatever is no trouble begins the wait for it anew."""
        trouble, blind = seen.sight is Sight.TROUBLE, seen.sight is Sight.BLIND
        self.since, self.times = (self.since or now, self.times + 1) if trouble else (None, 0)
        self.blind_since, self.blind = (
            (self.blind_since or now, self.blind + 1) if blind else (None, 0)
        )
        self.why = seen.why

    @property
    def sees_nothing(self) -> bool:
        """For so long that somebody should hear of it."""
        return self.blind >= min(BLIND_AFTER, self.lookout.detector.unreadable or BLIND_AFTER)


class Detecting:
    """One look at a time per lookout; who calls it how often is the timers' business."""

    def __init__(self, world: World, take: Take) -> None:
        self._world = world
        self._take = take
        self._watches: dict[str, Watch] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._telling = asyncio.Lock()

    async def look(self, lookout: Lookout) -> None:
        """Read its probes; raise the alert when trouble lasts, resolve it when it is over."""
        async with self._places:
            now, library = self._world.clock.now(), self._world.library()
            service = library.service(lookout.service, lookout.environment)
            within = min(max(lookout.detector.every, timedelta(seconds=1)), LONGEST)
            _, seen = await see(self._world.plugins, lookout, service, within)
        async with self._telling:
            if self._world.library().lookouts.get(lookout.name) != lookout:
                return  # it was taken out while it looked
            watch = self._watch(lookout)
            blind = watch.sees_nothing
            watch.saw(seen, now)
            if watch.sees_nothing is not blind:
                _log(watch)
            await self._tell(watch, seen, now)
            await self._tell_blind(watch, seen, now)

    async def settle(self) -> None:
        """
        Take back what was told by lookouts that there are no more.

        Call it after a start and after each reload; done twice it is as if done once.
        """
        async with self._telling:
            now, library = self._world.clock.now(), self._world.library()
            present = library.lookouts
            known = {a.fingerprint for one in present.values() for a in one.alerts(now)}
            told = [a for one in self._world.cases.open() for a in one.firing]
            told += [a for w in self._watches.values() for a in (w.told, w.told_blind) if a]
            gone = {a.fingerprint: a for a in told if a.source == lookouts.SOURCE}
            for fingerprint, alert in gone.items():
                if fingerprint not in known:
                    because = _why_gone(alert, library)
                    log.info("%s is taken back: %s", alert.summary, because)
                    await self._take([lookouts.over(alert, now, because)])
            for name in self._watches.keys() - present.keys():
                del self._watches[name]

    def notes(self) -> list[str]:
        """Which lookouts see nothing, be there trouble or not: somebody should look at them."""
        notes = [_says(one) for one in self._watches.values() if one.sees_nothing]
        more = len(notes) - MOST
        return [*notes[:MOST], f"and {more} more detectors see nothing"] if more > 0 else notes

    async def _tell(self, watch: Watch, seen: Seen, now: datetime) -> None:
        if seen.sight is Sight.CLEAR and watch.told is not None:
            await self._take([lookouts.over(watch.told, now)])
            watch.told = None
        if watch.since is None or watch.told is not None:
            return
        detector = watch.lookout.detector
        if watch.times >= detector.times and now - watch.since >= detector.sustain:
            alert = watch.lookout.raised(watch.since, seen.summary)
            await self._take([alert])
            watch.told = alert

    async def _tell_blind(self, watch: Watch, seen: Seen, now: datetime) -> None:
        if watch.blind_since is None:
            if watch.told_blind is not None:
                await self._take([lookouts.over(watch.told_blind, now)])
                watch.told_blind = None
            return
        enough = watch.lookout.detector.unreadable
        if watch.told_blind is None and enough is not None and watch.blind >= enough:
            alert = watch.lookout.blind(watch.blind_since, seen.why)
            await self._take([alert])
            watch.told_blind = alert

    def _watch(self, lookout: Lookout) -> Watch:
        """After a restart, or a change of its file, what was told before is still told."""
        known = self._watches.get(lookout.name)
        if known is not None and known.lookout == lookout:
            return known
        now = self._world.clock.now()
        told, told_blind = map(self._remembered, lookout.alerts(now))
        watch = Watch(lookout, told=told, told_blind=told_blind)
        self._watches[lookout.name] = watch
        return watch

    def _remembered(self, fresh: Alert) -> Alert | None:
        cases = self._world.cases
        last, own = cases.latest(fresh), cases.holding(fresh)
        told = cases.told(fresh) if last and own and last.id == own.id else None
        return told if told is not None and told.firing else None


async def see(
    plugins: ports.Plugins, lookout: Lookout, service: Service | None, within: timedelta
) -> tuple[tuple[Reading, ...], Seen]:
    """Read the probes of a lookout once, and say what that amounts to; nobody is told."""
    detector = lookout.detector
    names = reading.about(None, service, {})
    try:
        filled = [
            PlannedProbe(
                name=call.name, probe=call.probe, params=filling.render_map(call.params, names)
            )
            for call in detector.probes
        ]
    except ExpressionError as error:
        return (), Seen(Sight.BLIND, str(error))
    readings = await reading.read_all(plugins, filled, within.total_seconds())
    unread = {one.name: one.error for one in readings if one.error}
    evidence = {one.name: one.seen for one in readings if not one.error}
    return readings, lookouts.judge(detector, service, evidence, unread)


async def survey(
    plugins: ports.Plugins, library: Library, found: Sequence[Lookout]
) -> list[tuple[tuple[Reading, ...], Seen]]:
    """Let each of these look once and take its time, not too many at once; in their order."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(lookout: Lookout) -> tuple[tuple[Reading, ...], Seen]:
        service = library.service(lookout.service, lookout.environment)
        async with places:
            return await see(plugins, lookout, service, LONGEST)

    return list(await asyncio.gather(*map(one, found)))


def _why_gone(alert: Alert, library: Library) -> str:
    name = alert.labels.get("detector", "")
    if name not in {one.detector for one in library.detectors}:
        return "its detector was taken out of the runbooks"
    looks = (one for one in library.lookouts.values() if one.detector.detector == name)
    if (alert.service, alert.environment) in {(one.service, one.environment) for one in looks}:
        return "its detector was changed, and does not raise this alert any more"
    return "its detector does not look at this service any more"


def _says(watch: Watch) -> str:
    return f"the detector {watch.lookout.name} sees nothing: {watch.why}"


def _log(watch: Watch) -> None:
    if watch.sees_nothing:
        log.warning("%s", _says(watch))
    else:
        log.info("the detector %s sees again", watch.lookout.name)
