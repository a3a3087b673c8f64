"""Receiving: what is posted is authentic, well formed and on disk before anybody is told 202."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot import ports
from bot.core.alert import Alert
from bot.core.errors import AlertRejected, StoreUnavailable
from bot.engine import reporting
from bot.engine.world import World

ROOM = "alerts/"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Door:
    """One source as it is configured: its format and the secret that its sender must know."""

    source: ports.Source
    secret: str


class Receiving:
    """Between the web and the intake: nothing is acknowledged before it is safe."""

    def __init__(
        self,
        world: World,
        inbox: ports.Inbox,
        take: Callable[[Sequence[Alert]], Awaitable[object]],
        doors: Mapping[str, Door],
    ) -> None:
        self._world = world
        self._inbox = inbox
        self._take = take
        self._doors = doors
        self._queue: asyncio.Queue[tuple[int, list[Alert]]] = asyncio.Queue()

    async def receive(self, name: str, headers: Mapping[str, str], body: bytes) -> int:
        """How many alerts were accepted; AlertRejected says why none was and with which status."""
        door = self._doors.get(name)
        if door is None:
            raise AlertRejected(f"no source is called {name!r} here", 404)
        if not door.source.authentic(headers, body, door.secret):
            why = "it does not carry the secret of this source"
            await reporting.refused(self._world, f"alerts/{name}", why)
            raise AlertRejected("not authentic: send the secret of this source", 401)
        now = self._world.clock.now()
        alerts = door.source.parse(headers, body, now)
        kept = await self._inbox.put([], f"{ROOM}{name}", body, {}, now)
        self._queue.put_nowait((kept.id, alerts))
        return len(alerts)

    async def recover(self) -> None:
        """After a restart: what was acknowledged and not yet taken is taken now."""
        after = 0
        while page := await self._inbox.pending(ROOM, after):
            for item in page:
                await self._read_again(item)
            after = page[-1].id

    async def _read_again(self, item: ports.Item) -> None:
        """What this version understands is queued; what has no door any more waits for it."""
        name = item.room.removeprefix(ROOM)
        if name not in self._doors:
            return
        try:
            alerts = self._doors[name].source.parse({}, item.body, item.received_at)
        except AlertRejected as error:
            await self._inbox.refused(item.id, str(error))
        else:
            self._queue.put_nowait((item.id, alerts))

    async def work(self) -> None:
        """Take what was received, in order, for ever; nothing that goes wrong stops the next."""
        while True:
            item, alerts = await self._queue.get()
            lost = [why for alert in alerts if (why := await self._taken(item, alert))]
            await self._patiently(partial(self._settle, item, lost))

    async def _taken(self, item: int, alert: Alert) -> str:
        """Take one by itself; why it could not be taken, and never will be."""
        take = self._patiently(partial(self._take, [alert]))
        taking = self._world.tasks.start(take, name=f"inbox item {item}")
        await asyncio.wait({taking})
        error = taking.exception()
        return f"{type(error).__name__}: {error}" if error else ""

    async def _patiently(self, act: Callable[[], Awaitable[object]]) -> None:
        """Until the ledger can be written again; said once, for that may be hours."""
        said = False
        while True:
            try:
                await act()
            except StoreUnavailable as error:
                if not said:
                    log.warning("alerts wait: %s", error)
                said = True
                await self._world.clock.sleep(1)
            else:
                return

    async def _settle(self, item: int, lost: Sequence[str]) -> None:
        if lost:
            await self._inbox.refused(item, "; ".join(lost))
        else:
            await self._inbox.done(item)
