"""How what happened reaches the bot: events at least once, with retries; clicks exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from bot.rehearsal.workspace import payloads
from bot.rehearsal.workspace.faults import Faults
from bot.rehearsal.workspace.lines import Attempt, Kind, Line, Reply
from bot.rehearsal.workspace.wire import Json
from bot.rehearsal.workspace.world import World
from bot.tasks import Tasks

SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "link_shared": "links:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "member_joined_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
SUBSCRIPTION_OF_CHANNEL = {"channel": "message.channels", "group": "message.groups"}


@dataclass(frozen=True)
class Delivery:
    """One try to deliver something, and how it went."""

    kind: Kind
    payload: Json
    attempt: int
    acked: bool
    reason: str


class Deliveries:
    """Everything that was sent to the bot so far, and what is still on its way."""

    def __init__(self, world: World, line: Line, faults: Faults, tasks: Tasks) -> None:
        self._world, self._line, self._faults, self._tasks = world, line, faults, tasks
        self.log: list[Delivery] = []
        self.unacked: list[Json] = []
        self.on_the_way = 0

    def announce(self, event: Json) -> None:
        """Sends an event in the background, if the app subscribed to it and may see it."""
        if not self._wanted(event):
            return
        payload = payloads.event_callback(self._world, event)
        for _ in range(2 if self._faults.duplicate_now() else 1):
            self.on_the_way += 1
            pause = self._faults.delay_now()
            self._faults.send(partial(self._send, payload, pause))

    def _send(self, payload: Json, pause: float) -> None:
        self._tasks.start(self._deliver(payload, pause), name=f"event {payload['event']['type']}")

    async def ask(self, kind: Kind, payload: Json) -> Reply:
        """Sends a command or an interaction, which Slack never tries twice."""
        return await self._try(kind, payload, Attempt())

    def _wanted(self, event: Json) -> bool:
        name = event["type"]
        if name == "message":
            name = SUBSCRIPTION_OF_CHANNEL.get(event["channel_type"], "message.im")
        app = self._world.app
        scope = SCOPE_OF_EVENT.get(name)
        return name in app.events and (scope is None or scope in app.scopes)

    async def _deliver(self, payload: Json, pause: float) -> None:
        try:
            if pause:
                await self._world.clock.sleep(pause)
            reply = await self._try(Kind.EVENT, payload, Attempt())
            for number, delay in enumerate(self._world.timing.retries, start=1):
                if reply.acked or not reply.retry:
                    break
                await self._world.clock.sleep(delay)
                reply = await self._try(Kind.EVENT, payload, Attempt(number, reply.reason))
            if not reply.acked:
                self.unacked.append(payload)
        finally:
            self.on_the_way -= 1
            self._world.pulse.changed()

    async def _try(self, kind: Kind, payload: Json, attempt: Attempt) -> Reply:
        reply = await self._line.send(kind, payload, attempt)
        self.log.append(Delivery(kind, payload, attempt.number, reply.acked, reply.reason))
        self._world.pulse.changed()
        return reply
