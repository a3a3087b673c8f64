"""Attaches the plan to its thread as JSON, when somebody wants to see all of it."""

from __future__ import annotations

import json
from collections.abc import Callable

from bot import ports
from bot.core.incident import Incident
from bot.core.telling import planned
from bot.slack import letters
from bot.slack.letters import Kind, Priority, Upload
from bot.slack.needs import Wishes


class Attaching:
    """`channel` is the id of the channel for incidents that were opened in none."""

    def __init__(
        self, outbox: Wishes, clock: ports.Clock, channel: str, wake: Callable[[], None]
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._channel = channel
        self._wake = wake

    async def plan(self, incident: Incident) -> None:
        """Once for each round, however often it is asked for; nothing when there is no plan."""
        told, name = planned.plan(incident), planned.plan_id(incident)
        if not told or incident.planned is None:
            return
        slot = letters.plan(incident.id, incident.planned.round)
        thread = incident.opened.thread
        upload = Upload(
            filename=f"plan-{name}.json",
            title=f"Plan {name}",
            content=json.dumps(told, indent=2, ensure_ascii=False),
            thread_ts=thread,
        )
        wanted = await self._outbox.want(
            slot,
            incident.opened.channel or self._channel,
            None if thread else letters.card(incident.id),
            Kind.FILE,
            Priority.NEWS,
            upload.model_dump_json(),
            self._clock.now(),
        )
        if wanted:
            self._wake()
