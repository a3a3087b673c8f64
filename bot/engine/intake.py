"""Intake: alerts become incidents; one trouble is one incident; what came back was not fixed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot import ports
from bot.core import facts, redaction
from bot.core.alert import Alert
from bot.core.approval import Ending
from bot.core.facts import CameBack, Decided, Joined, News, Opened
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.engine import recording
from bot.engine.healing import WORKFLOW
from bot.engine.world import World

TITLE = 150


class Intake:
    """Takes alerts one at a time, so that 300 in a second for one service are one incident."""

    def __init__(self, world: World, durable: ports.Durable) -> None:
        self._world = world
        self._durable = durable
        self._one_at_a_time = asyncio.Lock()

    async def take(self, alerts: Sequence[Alert]) -> tuple[str, ...]:
        """Take alerts in their order; the incidents they belong to. Taken twice, done once."""
        async with self._one_at_a_time:
            touched = [await self._take(redaction.of_alert(alert)) for alert in alerts]
        return tuple(dict.fromkeys(name for name in touched if name))

    async def _take(self, alert: Alert) -> str:
        last = self._world.cases.latest(alert)
        if not alert.firing:
            return await self._resolved(alert, last) if last else ""
        if last is None:
            return await self._open(alert)
        if not last.over:
            await self._durable.start(last.id)  # it lives, unless the ledger failed at its birth
            return await self._joins(alert, last)
        return await self._fires_again(alert, last)

    async def _fires_again(self, alert: Alert, last: Incident) -> str:
        """The last incident of this trouble is over: the same episode, a relapse, or a new one."""
        promised = last.came_back.again if last.came_back else ""
        if promised and self._world.cases.get(promised) is None:
            return await self._open(alert, relapse_of=last.id, name=promised)
        if _same_episode(alert, last):
            return last.id
        healed = self._world.cases.came_back_within(alert, self._world.clock.now())
        if healed is None:
            return await self._open(alert)
        again = self._world.new_id("")
        await self._record(healed, "came_back", CameBack(alert=alert, again=again), alert)
        return await self._open(alert, relapse_of=healed.id, name=again)

    async def _open(self, alert: Alert, relapse_of: str = "", name: str = "") -> str:
        opened = Opened(
            workflow=WORKFLOW,
            service=alert.service,
            environment=alert.environment,
            title=alert.summary[:TITLE],
            channel=self._world.channel,
            alert=alert,
            relapse_of=relapse_of,
        )
        name = name or self._world.new_id("")
        await recording.record(self._world, name, "opened", opened, alert.source)
        await self._durable.start(name)
        return name

    async def _joins(self, alert: Alert, last: Incident) -> str:
        known = last.alerts.get(alert.fingerprint)
        if known is not None and known.firing:
            return last.id
        if last.state is State.HEALED and _began_after(alert, last):
            return await self._returned(alert, last)
        await self._record(last, _key(alert), Joined(alert=alert), alert)
        return last.id

    async def _returned(self, alert: Alert, last: Incident) -> str:
        """It fires anew though it was healed: not fixed, whatever the workflow waits for now."""
        name = self._world.new_id("")
        for topic in ("keep", "alert"):
            news = News(cleared=False, again=name)
            letter = await self._durable.signal(
                last.id, topic, news.body, alert.source, kind=news.kind
            )
            standing = facts.read(letter.body) if letter.body else None
            if isinstance(standing, News) and standing.again:
                name = standing.again  # what an earlier life promised
        return await self._open(alert, relapse_of=last.id, name=name)

    async def _resolved(self, alert: Alert, last: Incident) -> str:
        known = last.alerts.get(alert.fingerprint)
        if known is None or not known.firing:
            return ""
        await self._record(last, _key(alert), Joined(alert=alert), alert)
        now = self._world.cases.get(last.id)
        if now is not None and not now.over and not now.firing:
            await self._all_clear(now, alert)
        return last.id

    async def _all_clear(self, incident: Incident, alert: Alert) -> None:
        """Told to who waits for it; who does not wait yet looks for itself when it begins to."""
        if incident.state is State.HEALED:
            news = News(cleared=True)
            await self._durable.signal(
                incident.id, "alert", news.body, alert.source, kind=news.kind
            )
        if incident.asked is not None and incident.state is State.AWAITING_APPROVAL:
            withdrawn = Decided(at=self._world.clock.now(), ending=Ending.WITHDRAWN)
            await self._durable.signal(
                incident.id,
                f"decision:{incident.asked.request.round}",
                withdrawn.body,
                alert.source,
                kind=withdrawn.kind,
            )

    async def _record(
        self, incident: Incident, key: str, fact: Joined | CameBack, alert: Alert
    ) -> None:
        await recording.record(self._world, incident.id, key, fact, alert.source)


def _key(alert: Alert) -> str:
    return f"alert:{alert.fingerprint}:{alert.starts_at.isoformat()}:{alert.status}"


def _same_episode(alert: Alert, last: Incident) -> bool:
    """The sender repeats what this incident has already ended about."""
    known = last.alerts.get(alert.fingerprint)
    return known is not None and known.firing and known.starts_at == alert.starts_at


def _began_after(alert: Alert, last: Incident) -> bool:
    known = last.alerts.get(alert.fingerprint)
    return known is not None and not known.firing
