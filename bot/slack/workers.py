"""Works on what came in, outside of Slack's three seconds: some at a time, each to its end.

An item is settled in the inbox only when it was dealt with, so that a crash begins it again at
the next start. A queue that is full is no loss: what does not fit is read from the inbox later.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar, cast

from bot.core.errors import StoreUnavailable, Superseded
from bot.ports import Inbox
from bot.slack import reading
from bot.slack.alerts.posted import Posted
from bot.slack.asked import Asked as OfPeople
from bot.slack.listeners import ROOM
from bot.tasks import Tasks

log = logging.getLogger(__name__)
Asked = TypeVar("Asked", bound=OfPeople | Posted)


class Workers(Generic[Asked]):
    """
    `handle` deals with an item; `sorry` tells its person when that failed unexpectedly.

    `name` is that of their room in the inbox. `count` work at once, which mostly means that they
    wait: votes for their turn to be checked, all for the disk. `room` items wait in memory,
    `pause` is in seconds, before another try while the store is away, and `patience` how long an
    item is tried before its person hears that it failed.
    """

    def __init__(
        self,
        inbox: Inbox,
        handle: Callable[[Asked], Awaitable[None]],
        sorry: Callable[[Asked], Awaitable[None]],
        *,
        name: str = ROOM,
        count: int = 32,
        room: int = 500,
        pause: float = 0.5,
        patience: float = 120.0,
    ) -> None:
        self._inbox = inbox
        self._handle = handle
        self._sorry = sorry
        self._name = name
        self._count = count
        self._pause = pause
        self._patience = patience
        self._queue: asyncio.Queue[tuple[int, Asked] | None] = asyncio.Queue(
            max(room, count)  # closing puts one end for each worker in
        )
        self._held: set[int] = set()
        self._behind = False
        self._doing = Tasks()
        self._loops = Tasks()

    async def start(self) -> None:
        """Begin, with what an earlier life left first."""
        await self._catch_up()
        for number in range(self._count):
            self._loops.start(self._work(), name=f"{self._name} worker {number}")

    def offer(self, item: int, asked: Asked) -> None:
        """Take an item that is in the inbox."""
        if item in self._held:
            return
        try:
            self._queue.put_nowait((item, asked))
        except asyncio.QueueFull:
            self._behind = True
        else:
            self._held.add(item)

    async def close(self, grace: float = 5.0) -> None:
        """Finish what is being worked on; the rest waits in the inbox for the next start."""
        while not self._queue.empty():
            self._queue.get_nowait()
        for _ in range(len(self._loops)):
            self._queue.put_nowait(None)
        await self._loops.close(grace)
        await self._doing.close(0)

    async def _work(self) -> None:
        while (got := await self._queue.get()) is not None:
            item, asked = got
            name = f"{type(asked).__name__} of {self._name} (inbox item {item})"
            doing = self._doing.start(self._dealt(asked), name=name)
            await asyncio.wait({doing})
            await self._insist(item, asked, doing)
            self._held.discard(item)
            if self._behind and self._queue.empty():
                await self._catch_up()

    async def _dealt(self, asked: Asked) -> None:
        """Deal with it, and again while the store is away: as after a crash, nothing is twice."""
        until, said = asyncio.get_running_loop().time() + self._patience, False
        while True:
            try:
                return await self._handle(asked)
            except Superseded:
                raise
            except StoreUnavailable as error:
                if asyncio.get_running_loop().time() >= until:
                    raise
                if not said:
                    log.warning("what came in waits for the store: %s", error)
                said = True
            await asyncio.sleep(self._pause)

    async def _insist(self, item: int, asked: Asked, doing: asyncio.Task[None]) -> None:
        """While the store is away nothing else can be done either, and nothing is done twice."""
        while True:
            try:
                await self._settle(item, asked, doing)
            except StoreUnavailable:
                log.exception("inbox item %d is dealt with, which cannot be noted yet", item)
                await asyncio.sleep(self._pause)
            else:
                return

    async def _settle(self, item: int, asked: Asked, doing: asyncio.Task[None]) -> None:
        if doing.cancelled():
            return
        if (error := doing.exception()) is None:
            await self._inbox.done(item)
        else:
            await self._inbox.refused(item, f"{type(error).__name__}: {error}"[:300])
            telling = self._doing.start(_of(self._sorry, asked), name=f"say sorry for {item}")
            await asyncio.wait({telling})

    async def _catch_up(self) -> None:
        self._behind = False
        try:
            left = await self._inbox.pending(self._name)
        except StoreUnavailable:
            self._behind = True
            return
        for item in left:
            if item.id in self._held:
                continue
            try:
                asked = reading.read(json.loads(item.body))
            except ValueError as error:
                await self._inbox.refused(item.id, f"it cannot be read any more: {error}"[:300])
                continue
            if asked is None:
                await self._inbox.refused(item.id, "this version does nothing with it")
            else:
                self.offer(item.id, cast("Asked", asked))  # each room keeps its own kind


async def _of(handle: Callable[[Asked], Awaitable[None]], asked: Asked) -> None:
    """A handler's answer as a coroutine, which is what a task is made of."""
    await handle(asked)
