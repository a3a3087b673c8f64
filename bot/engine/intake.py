"""Intake: alerts become incidents; one trouble is one incident; what came back was not fixed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot import ports
from bot.core import facts, rating, redaction, topics, trouble
from bot.core.alert import Alert, Severity
from bot.core.approval import Ending
from bot.core.facts import CameBack, Decided, Joined, News
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.engine import opening, passing_on, quiet_times, recognizing, recording
from bot.engine.healing import WORKFLOW
from bot.engine.world import World

WITH_A_PERSON = timedelta(hours=1)
"""How long more alerts of a trouble that a person has call nobody anew, while it goes on."""
BUSY = 0.001
"""Seconds of a turn of the event loop in which others had much to do."""
TURNS = 4
"""How often they go first: in a storm it is more urgent to accept than to deal with."""


class Intake:
    """
    Takes the alerts of one trouble one at a time: 300 in a second for one service are one incident.

    Those of other troubles are taken beside them, for each has to wait for the disk.
    """

    def __init__(self, world: World, durable: ports.Durable) -> None:
        self._world = world
        self._durable = durable

    async def take(self, alerts: Sequence[Alert]) -> tuple[str, ...]:
        """Take alerts in their order; the incidents they belong to. Taken twice, done once."""
        troubles: dict[str, list[Alert]] = {}
        library = self._world.library()
        for sent in alerts:
            alert = recognizing.whole(self._world.cases, redaction.of_alert(sent))
            alert = rating.rated(alert, library)
            troubles.setdefault(trouble.of(alert), []).append(alert)
        taking = (self._take_all(*trouble) for trouble in troubles.items())
        names: dict[str, None] = {}
        for touched in await asyncio.gather(*taking, return_exceptions=True):
            if isinstance(touched, BaseException):
                raise touched  # the others are through by now
            names |= dict.fromkeys(touched)
        return tuple(filter(None, names))

    async def _take_all(self, name: str, alerts: Sequence[Alert]) -> list[str]:
        """Those of one trouble, one after the other."""
        batch = _Batch()
        async with self._world.taking(name):
            for alert in alerts:
                await self._take(alert, batch)
                await self._give_way()
            await self._land(batch)
        return batch.names

    async def _give_way(self) -> None:
        """Many may come together: others have a turn, and some more while they have much to do."""
        for _ in range(TURNS):
            before = self._world.clock.monotonic()
            await asyncio.sleep(0)
            if self._world.clock.monotonic() - before < BUSY:
                return

    async def _take(self, alert: Alert, batch: _Batch) -> None:
        """
        Most of a storm is new alerts of a trouble that is known: these join it together.

        Whatever else is to be decided waits until all before it are on record.
        """
        own, last = self._world.cases.holding(alert), self._world.cases.latest(alert)
        known = own is not None or _identity(alert) in batch.joining
        if alert.firing and not known and last is not None and self._hears(last, alert):
            await self._durable.start(last.id)
            batch.joining[_identity(alert)] = (last.id, alert)
            return
        await self._land(batch)
        batch.names.append(await self._take_alone(alert))

    async def _land(self, batch: _Batch) -> None:
        """Record who joins what; an incident that hears no more meanwhile is joined by nobody."""
        joining, batch.joining = batch.joining, {}
        drafts, unheard = [], []
        for name, alert in joining.values():
            incident = self._world.cases.get(name)
            if incident is None or not self._hears(incident, alert):
                unheard.append(alert)
                continue
            fact = passing_on.joined(self._world, incident, alert)
            drafts.append(
                recording.draft(self._world, name, opening.key_of(alert), fact, alert.source)
            )
            batch.names.append(name)
        if drafts:
            await self._world.ledger.append_all(drafts)
        for alert in unheard:
            batch.names.append(await self._take_alone(alert))

    async def _take_alone(self, alert: Alert) -> str:
        own, last = self._world.cases.holding(alert), self._world.cases.latest(alert)
        if not alert.firing:
            return await self._resolved(alert, own) if own else ""
        if own is not None and not own.over:
            await self._durable.start(own.id)  # it lives, unless the ledger failed at its birth
            if self._fires(alert):
                return own.id
            if own.state is State.HEALED and not self._world.cases.hearing.apart(alert, own.id):
                return await self._returned(alert, own)
        for one in (own, last):
            hears = one is not None and (one is own or self._hears(one, alert)) and not one.deaf
            if one is not None and hears and not self._had_its_end(alert, own, one):
                await self._durable.start(one.id)
                await self._join(one, alert)
                return one.id
        if own is None and last is not None and self._is_with_a_person(alert, last):
            await self._join(last, alert)
            return last.id
        return await self._fires_again(alert, own, last)

    async def _fires_again(self, alert: Alert, own: Incident | None, last: Incident | None) -> str:
        """No incident hears it: it is the same episode of one, a relapse of one, or a new one."""
        for one in (last, own):
            promised = one.came_back.again if one and one.came_back else ""
            if one and promised and self._world.cases.get(promised) is None:
                return await self._open(alert, relapse_of=one.id, name=promised)
        known = self._world.cases.told(alert)
        if own is not None and known is not None and _same_episode(alert, known):
            if not self._world.cases.hearing.apart(alert, own.id):
                return own.id
            return await self._open(alert)  # it waited, and was not passed on
        works = quiet_times.maintained(self._world, alert.service, alert.environment)
        healed = None  # while people work on it, nothing is proved by what fires
        if works is None:
            healed = self._world.cases.came_back_within(alert, self._world.clock.now())
        if healed is None:
            return await self._open(alert)
        again = await recording.new_name(self._world)
        await self._record(healed, "came_back", CameBack(alert=alert, again=again), alert)
        return await self._open(alert, relapse_of=healed.id, name=again)

    def _hears(self, incident: Incident, alert: Alert) -> bool:
        return not incident.deaf and quiet_times.hears(self._world, incident.quiet, alert)

    def _had_its_end(self, alert: Alert, own: Incident | None, other: Incident) -> bool:
        """Whether its sender repeats what has ended, beside an incident of another cause."""
        if own is None or own is other or not own.over:
            return False
        known = self._world.cases.told(alert)
        if known is None or not _same_episode(alert, known):
            return False
        waits = self._world.cases.hearing.apart(alert, own.id)
        return not waits and bool(passing_on.joined(self._world, other, alert).apart)

    def _is_with_a_person(self, alert: Alert, last: Incident) -> bool:
        """Somebody was called for it, or said no to it, lately: more of the same is theirs too."""
        theirs = last.escalated is not None or last.state is State.REJECTED
        if not theirs or last.closed_at is None:
            return False
        order, lately = list(Severity), self._world.clock.now() - last.closed_at <= WITH_A_PERSON
        return lately and any(
            one.firing
            and one.name == alert.name
            and order.index(alert.severity) <= order.index(one.severity)
            for one in last.alerts.values()
        )

    async def _open(self, alert: Alert, relapse_of: str = "", name: str = "") -> str:
        opened = opening.of(self._world, alert, WORKFLOW, relapse_of)
        while True:
            bears = name or self._world.new_id("")
            entry, new = await recording.record(self._world, bears, "opened", opened, alert.source)
            if new or name:  # six letters do meet again, once in a long life
                await self._durable.start(bears, entry if new else None)
                return bears

    async def _returned(self, alert: Alert, last: Incident) -> str:
        """It fires anew though it was healed: not fixed, whatever the workflow waits for now."""
        name = await recording.new_name(self._world)
        for topic in ("keep", "alert"):
            news = News(cleared=False, again=name)
            letter = await self._durable.signal(
                last.id, topic, news.body, alert.source, kind=news.kind
            )
            standing = facts.read(letter.body) if letter.body else None
            if isinstance(standing, News) and standing.again:
                name = standing.again  # what an earlier life promised
        return await self._open(alert, relapse_of=last.id, name=name)

    async def _resolved(self, alert: Alert, own: Incident) -> str:
        """Note it once; that all is clear is told again, should it not have been heard."""
        if self._fires(alert):
            await self._join(own, alert)
        now = self._world.cases.get(own.id)
        if now is not None and not now.over and not now.fires:
            await self._all_clear(now, alert)
        return own.id

    def _fires(self, alert: Alert) -> bool:
        """Whether the incident that it belongs to was told last that it fires."""
        known = self._world.cases.told(alert)
        return known is not None and known.firing

    async def _all_clear(self, incident: Incident, alert: Alert) -> None:
        """Told to who waits for it; who does not wait yet looks for itself when it begins to."""
        if incident.state is State.HEALED:
            news = News(cleared=True)
            await self._durable.signal(
                incident.id, "alert", news.body, alert.source, kind=news.kind
            )
        if topic := topics.of(incident):
            withdrawn = Decided(at=self._world.clock.now(), ending=Ending.WITHDRAWN)
            await self._durable.signal(
                incident.id, topic, withdrawn.body, alert.source, kind=withdrawn.kind
            )

    async def _join(self, incident: Incident, alert: Alert) -> None:
        fact = passing_on.joined(self._world, incident, alert)
        await self._record(incident, opening.key_of(alert), fact, alert)

    async def _record(
        self, incident: Incident, key: str, fact: Joined | CameBack, alert: Alert
    ) -> None:
        await recording.record(self._world, incident.id, key, fact, alert.source)


@dataclass
class _Batch:
    """Alerts that are taken together: the incidents of those on record, and who joins next."""

    names: list[str] = field(default_factory=list)
    joining: dict[tuple[str, str], tuple[str, Alert]] = field(default_factory=dict)
    """The incident and the alert, by the alert's identity."""


def _identity(alert: Alert) -> tuple[str, str]:
    return trouble.of(alert), alert.fingerprint


def _same_episode(alert: Alert, known: Alert) -> bool:
    """The sender repeats what its incident has already ended about."""
    return known.firing and known.starts_at == alert.starts_at
