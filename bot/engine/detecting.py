"""Detecting: probes on a schedule become alerts that fire, and resolve, like anybody else's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core import values
from bot.core.alert import Alert, AlertStatus
from bot.core.detector import Detector
from bot.core.expressions import Finding
from bot.core.plan import PlannedProbe
from bot.engine import filling, reading
from bot.engine.world import World

SOURCE = "detector"
Take = Callable[[Sequence[Alert]], Awaitable[object]]


@dataclass
class Watch:
    """What one detector has seen: since when and how often in a row, and whether it was told."""

    since: datetime | None = None
    times: int = 0
    told: Alert | None = None


class Detecting:
    """One look at a time per detector; who calls it how often is the timers' business."""

    def __init__(self, world: World, take: Take) -> None:
        self._world = world
        self._take = take
        self._watches: dict[str, Watch] = {}

    async def look(self, detector: Detector) -> None:
        """Read its probes; raise the alert when trouble lasts, resolve it when it is over."""
        if detector.detector not in self._watches:
            self._watches[detector.detector] = self._remembered(detector)
        watch = self._watches[detector.detector]
        now = self._world.clock.now()
        found = await self._trouble(detector)
        if not found.held:
            watch.since, watch.times = None, 0
            if watch.told is not None and not found.error:
                over = {"status": AlertStatus.RESOLVED, "ends_at": now}
                await self._take([watch.told.model_copy(update=over)])
                watch.told = None
            return
        watch.since, watch.times = watch.since or now, watch.times + 1
        lasts = watch.times >= detector.times and now - watch.since >= detector.sustain
        if watch.told is None and lasts:
            alert = _alert(detector, watch.since)
            await self._take([alert])
            watch.told = alert

    def _remembered(self, detector: Detector) -> Watch:
        """After a restart: what an earlier life told is still told."""
        fresh = _alert(detector, self._world.clock.now())
        last, own = self._world.cases.latest(fresh), self._world.cases.holding(fresh)
        told = self._world.cases.told(fresh) if last and own and last.id == own.id else None
        if told is None or not told.firing:
            return Watch()
        return Watch(since=told.starts_at, told=told)

    async def _trouble(self, detector: Detector) -> Finding:
        """Only a real yes is trouble, only a real no its end: one that cannot see says neither."""
        library = self._world.library()
        service = library.service(detector.alert.service, detector.alert.environment)
        names = reading.about(None, service, {})
        filled = [
            PlannedProbe(
                name=call.name, probe=call.probe, params=filling.render_map(call.params, names)
            )
            for call in detector.probes
        ]
        within = max(detector.every, timedelta(seconds=1)).total_seconds()
        readings = await reading.read_all(self._world.plugins, filled, within)
        return filling.holds(detector.firing, names, readings)


def _alert(detector: Detector, since: datetime) -> Alert:
    raised = detector.alert
    labels = {
        "alertname": raised.name,
        "service": raised.service,
        "environment": raised.environment,
        "detector": detector.detector,
    }
    return Alert(
        source=SOURCE,
        name=raised.name,
        fingerprint=values.digest(dict(labels))[:16],
        status=AlertStatus.FIRING,
        severity=raised.severity,
        labels=labels,
        annotations={"summary": raised.summary},
        starts_at=since,
    )
