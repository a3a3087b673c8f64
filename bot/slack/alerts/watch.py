"""Watches alert channels: one message after the other, each looked up, settled and handed over."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime

from bot import ports
from bot.core.alert import Alert, Thread
from bot.core.errors import ActionError, TemporaryError
from bot.slack.alerts import formats, settling
from bot.slack.alerts.posted import Posted
from bot.slack.alerts.told import Told

Take = Callable[[Sequence[Alert]], Awaitable[None]]
"""Takes alerts as those of webhooks are taken, however long the ledger keeps it waiting."""
TRIES = 2
PAUSE = 1.0
"""Seconds before a system is asked again."""
REST = 30.0
"""Seconds in which one that did not answer is not asked: a storm of alerts waits for nobody."""
log = logging.getLogger(__name__)


class Watch:
    """
    Deals with a message of a listed sender.

    It must be called with one message after the other, in the order in which they came: what
    begins with one ends with a later one.
    """

    def __init__(
        self,
        witnesses: Sequence[ports.Witness],
        cases: ports.Cases,
        take: Take,
        clock: ports.Clock,
    ) -> None:
        self._witnesses = witnesses
        self._cases = cases
        self._take = take
        self._clock = clock
        self._away: dict[str, float] = {}

    async def handle(self, posted: Posted) -> None:
        """Take the alerts that it begins and ends; those of an edit can only end."""
        told = formats.read(posted.message)
        if told is None:
            return
        alerts = await self.look_up(told, posted.at)
        if posted.edited:
            alerts = [alert for alert in alerts if not alert.firing]
        if alerts:
            thread = Thread(channel=posted.channel, root=posted.thread)
            await self._take([one.model_copy(update={"thread": thread}) for one in alerts])

    async def look_up(self, told: Told, at: datetime) -> list[Alert]:
        """Ask whoever can be asked, and return the alerts that end, and those that begin."""
        alerts: list[Alert] = []
        for one in told.apart():
            place, held = await self._asked(one.link)
            alerts += settling.settle(one, place, held, list(self._firing()), at)
        return alerts

    async def failed(self, posted: Posted) -> None:
        """Nobody wrote it who could be told: the log has it, and the inbox keeps it."""
        log.error("an alert's message in %s was not understood to its end", posted.channel)

    async def _asked(self, link: str) -> tuple[str, Sequence[ports.Known] | None]:
        """Whom this link leads to and what they hold; None when nobody could be asked."""
        for witness in self._witnesses:
            if place := witness.place(link):
                return place, await self._held(witness, place, link)
        return "", None

    async def _held(
        self, witness: ports.Witness, place: str, link: str
    ) -> Sequence[ports.Known] | None:
        """Ask, and once more; a system that is away keeps no alert from a person."""
        if self._clock.monotonic() < self._away.get(place, 0.0):
            return None
        for again in range(TRIES):
            try:
                return await witness.held(place, link)
            except ActionError as error:
                log.warning("an alert is read from its text alone: %s", error)
                if not isinstance(error, TemporaryError):
                    return None  # it did answer, and may know what the next link leads to
                if not again:
                    await self._clock.sleep(PAUSE)
        self._away[place] = self._clock.monotonic() + REST
        return None

    def _firing(self) -> Iterator[Alert]:
        """What this source told of and is not over, in incidents that are not either."""
        for incident in self._cases.open():
            yield from (one for one in incident.firing if one.source == settling.SOURCE)
