"""Hangs what an incident has to show into its thread: pictures and logs, each once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from bot import ports
from bot.core.errors import StoreUnavailable
from bot.core.exhibit import PNG, TEXT
from bot.core.facts import Exhibited
from bot.core.incident import Incident
from bot.core.transcript import Entry
from bot.slack import letters
from bot.slack.letters import Kind, Priority, Upload
from bot.slack.needs import Wishes
from bot.tasks import Tasks

KEPT = "evidence.kept"
LONGEST_ALT = 1000
"""Characters that Slack takes as the description of a picture."""
log = logging.getLogger(__name__)


class Hanging:
    """
    The contents stay where they are until they are sent; the outbox holds their name only.

    `hides` tells of which incidents a storm's digest says enough.
    """

    def __init__(
        self,
        outbox: Wishes,
        clock: ports.Clock,
        channel: str,
        wake: Callable[[], None],
        hides: Callable[[Incident], bool],
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._channel = channel
        self._wake = wake
        self._hides = hides
        self._tasks = Tasks()

    def told(self, incident: Incident, entry: Entry) -> None:
        """An entry is safe: for ports.Cases.subscribe."""
        if entry.kind == KEPT:
            self.renew((incident,))

    def renew(self, incidents: Iterable[Incident]) -> None:
        """Want what these have to show; what hangs there already is not sent again."""
        some = [one for one in incidents if one.exhibits and one.quiet is None]
        if some:
            self._tasks.start(self._want(some), name=f"show the evidence of {some[0].id}")

    async def close(self) -> None:
        await self._tasks.close(2.0)

    async def _want(self, incidents: Iterable[Incident]) -> None:
        try:
            wanted = [
                await self._one(incident, said)
                for incident in incidents
                if not self._hides(incident)
                for said in incident.exhibits
                if said.media in {PNG, TEXT}
            ]
        except StoreUnavailable as error:
            log.warning("evidence is not shown in its thread until the next start: %s", error)
            return
        if any(wanted):
            self._wake()

    async def _one(self, incident: Incident, said: Exhibited) -> bool:
        upload = Upload(
            filename=f"{incident.id}-{said.name}",
            title=said.title,
            content=f"{said.title} is not here any more: {said.says}",
            exhibit=said.name,
            alt=said.says[:LONGEST_ALT],
            thread_ts=incident.opened.thread,
        )
        return await self._outbox.want(
            letters.exhibit(incident.id, said.name),
            incident.opened.channel or self._channel,
            None if upload.thread_ts else letters.card(incident.id),
            Kind.FILE,
            Priority.TRANSCRIPT,
            upload.model_dump_json(),
            self._clock.now(),
        )
