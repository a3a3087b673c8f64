"""Attaches files to an incident's thread: its plan as JSON when asked for, its transcript."""

from __future__ import annotations

import json
from collections.abc import Callable

from bot import ports
from bot.core import telling
from bot.core.incident import Incident
from bot.core.telling import planned
from bot.slack import letters
from bot.slack.cards import message
from bot.slack.cards.message import Message
from bot.slack.letters import Kind, Priority, Upload
from bot.slack.needs import Wishes


class Attaching:
    """`channel` is the id of the channel for incidents that were opened in none."""

    def __init__(
        self,
        outbox: Wishes,
        ledger: ports.Ledger,
        clock: ports.Clock,
        channel: str,
        wake: Callable[[], None],
    ) -> None:
        self._outbox = outbox
        self._ledger = ledger
        self._clock = clock
        self._channel = channel
        self._wake = wake

    async def plan(self, incident: Incident) -> None:
        """Once for each round, however often it is asked for; nothing when there is no plan."""
        told, name = planned.plan(incident), planned.plan_id(incident)
        if not told or incident.planned is None:
            return
        slot = letters.plan(incident.id, incident.planned.round)
        content = json.dumps(told, indent=2, ensure_ascii=False)
        if await self._want(
            incident, slot, Priority.NEWS, f"plan-{name}.json", f"Plan {name}", content
        ):
            self._wake()

    async def rest(self, incident: Incident, card: Message) -> None:
        """The whole plan, where its card does not hold every word of it."""
        if message.is_cut(card):
            await self.plan(incident)

    async def transcript(self, incident: Incident) -> bool:
        """Once, when it is over: a file that stands in the thread is not replaced."""
        slot = letters.transcript(incident.id)
        if await self._outbox.where(slot) is not None:
            return False
        told = telling.transcript(incident, *await self._ledger.brief(incident.id))
        title = f"Transcript of {incident.id}"
        name = f"{incident.id}.md"
        return await self._want(incident, slot, Priority.TRANSCRIPT, name, title, told)

    async def copy(self, incident: Incident, who: str) -> None:
        """The transcript as it is now: for one person directly, or for its thread."""
        told = telling.transcript(incident, *await self._ledger.brief(incident.id))
        name, title = f"{incident.id}-{incident.told}", f"Transcript of {incident.id} until now"
        slot = f"{letters.transcript(incident.id)}/{incident.told}"
        if not who:
            wanted = await self._want(incident, slot, Priority.RESULT, f"{name}.md", title, told)
        else:
            upload = Upload(filename=f"{name}-{who}.md", title=title, content=told)
            wanted = await self._outbox.want(
                f"{slot}/{who}", who, None, Kind.FILE, Priority.RESULT,
                upload.model_dump_json(), self._clock.now(),
            )  # fmt: skip
        if wanted:
            self._wake()

    async def _want(
        self, incident: Incident, slot: str, priority: Priority, name: str, title: str, content: str
    ) -> bool:
        thread = incident.opened.thread
        upload = Upload(filename=name, title=title, content=content, thread_ts=thread)
        return await self._outbox.want(
            slot,
            incident.opened.channel or self._channel,
            None if thread else letters.card(incident.id),
            Kind.FILE,
            priority,
            upload.model_dump_json(),
            self._clock.now(),
        )
