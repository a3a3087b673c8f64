"""Receiving: what is posted is authentic, well formed and on disk before anybody is told 202."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from bot import ports
from bot.core.alert import Alert
from bot.core.errors import AlertRejected, InboxFull, PermanentError, StoreUnavailable
from bot.core.posted import Posted, Receipt
from bot.engine import reporting
from bot.engine.admitting import Admitting
from bot.engine.arrivals import Arrivals, Outcome
from bot.engine.world import World

ROOM = "alerts/"
TOGETHER = 50
"""Messages that are taken with one commit, when so many wait."""
AHEAD = 1000
"""Messages that wait in memory; those behind them wait in the inbox, however many they are."""
SHARE = 3
"""While senders wait for their answer, so many times as long is theirs as is spent on dealing."""
BUSY = 0.001
"""Seconds of a turn of the event loop in which others had much to do: they go first as well."""
PAUSE = 0.002
"""Seconds after which it is asked again whether a sender still waits."""
HINTED = "the pagers are asked who has it"
"""What a pager is told that says that somebody took something."""
Waiting = tuple[int, list[Alert]]
"""An item of the inbox, and the alerts of its message."""
log = logging.getLogger(__name__)


class Receiving:
    """Between the web and the intake: nothing is acknowledged before it is safe."""

    def __init__(
        self,
        world: World,
        inbox: ports.Inbox,
        take: Callable[[Sequence[Alert]], Awaitable[object]],
        doors: Mapping[str, ports.Source],
    ) -> None:
        self._world = world
        self._inbox = inbox
        self._take = take
        self._doors = doors
        self._hinting = {n: one for n, one in doors.items() if isinstance(one, ports.Hinting)}
        self.arrivals = Arrivals(world.clock)
        self.admitting = Admitting(world, doors, self.arrivals)
        self._queue: deque[Waiting] = deque()
        self._came = asyncio.Event()
        self._last = 0
        self._newest = 0
        self._behind = False
        self._accepting = 0

    async def receive(
        self,
        name: str,
        headers: Mapping[str, str],
        body: bytes,
        peer: str = "",
        *,
        vouched: bool = False,
    ) -> Receipt:
        """
        Keep what was posted; AlertRejected says why it was not accepted, and with which status.

        `peer` is its sender's address, and `vouched` says that a trusted proxy handed it on.
        """
        posted = Posted(headers, body, self._world.clock.now(), peer, vouched)
        self._accepting += 1
        try:
            kept = await self._received(name, posted)
        except AlertRejected as error:
            self.admitting.refused(name, peer, error)
            raise
        except StoreUnavailable as error:
            if isinstance(error, InboxFull):
                error.retry_after = self.arrivals.until_room(sum(self._inbox.waiting().values()))
            self.arrivals.note(name, Outcome.UNAVAILABLE)
            raise
        finally:
            self._accepting -= 1
        self.admitting.kept(name, kept)
        return kept

    async def _received(self, name: str, posted: Posted) -> Receipt:
        source = await self.admitting.admitted(name, posted)
        if greeted := await source.greeted(posted):
            log.info("alerts/%s: %s", name, greeted)
            return Receipt(0, greeted=greeted)
        if name in self._hinting and self._hinting[name].hints(posted):
            self._world.hinted.set()
            return Receipt(0, greeted=HINTED)
        alerts = source.read(posted)
        told = {each: posted.headers[each] for each in source.reads if each in posted.headers}
        keys = [f"{ROOM}{name}:{mark}"] if (mark := source.delivery(posted)) else []
        kept = await self._inbox.put(keys, f"{ROOM}{name}", posted.body, told, posted.at)
        if not kept.fresh:
            return Receipt(0, again=True)
        self._queued(kept.id, alerts)
        return Receipt(len(alerts))

    def _queued(self, item: int, alerts: list[Alert]) -> None:
        """Keep it at hand; it stays in the inbox only where there is no room, and behind such."""
        self._newest = max(item, self._newest)
        if item <= self._last:
            return  # it was read from the inbox before its sender was answered
        self._behind = self._behind or len(self._queue) >= AHEAD
        if not self._behind:
            self._queue.append((item, alerts))
            self._last = item
        self._came.set()

    async def recover(self) -> None:
        """After a restart: what was acknowledged and not yet taken is taken first."""
        self._behind = True
        await self._catch_up()

    async def _catch_up(self) -> None:
        """Read the next page of what is in the inbox only."""
        page = await self._inbox.pending(ROOM, self._last)
        for item in page:
            await self._read_again(item)
            self._last = item.id
        self._behind = bool(page) or self._last < self._newest

    async def _read_again(self, item: ports.Item) -> None:
        """What this version understands is queued; what has no door any more waits for it."""
        name = item.room.removeprefix(ROOM)
        if name not in self._doors:
            return
        try:
            alerts = self._doors[name].read(Posted(item.headers, item.body, item.received_at))
        except AlertRejected as error:
            why = f"a message was accepted and cannot be read any more: {error}"
            log.warning("%s: %s; it came at %s", item.room, why, item.received_at)
            await reporting.refused(self._world, item.room, why)
            await self._inbox.refused(item.id, str(error))
        else:
            self._queue.append((item.id, alerts))

    async def work(self) -> None:
        """Take what was received, in order, for ever; nothing that goes wrong stops the next."""
        while True:
            if self._queue:
                began = self._world.clock.monotonic()
                await self._deal_with(self._next())
                await self._give_way(SHARE * (self._world.clock.monotonic() - began))
            elif self._behind:
                await self._patiently(self._catch_up)
            else:
                self._came.clear()
                await self._came.wait()

    async def _give_way(self, most: float) -> None:
        """While a sender waits, or others have much to do, they go first; so long at most."""
        now = self._world.clock.monotonic
        until = now() + most
        while (before := now()) < until:
            if self._accepting:
                await self._world.clock.sleep(PAUSE)
                continue
            await asyncio.sleep(0)
            if now() - before < BUSY:
                return

    def _next(self) -> list[Waiting]:
        """
        Some messages that can be taken together, at least one.

        No alert comes twice in them: taken again after a crash, it is the latest of its kind.
        """
        batch: list[Waiting] = []
        names: set[str] = set()
        while self._queue:
            more = {alert.fingerprint for alert in self._queue[0][1]}
            if batch and (names & more or len(names) + len(more) > TOGETHER):
                break
            names |= more
            batch.append(self._queue.popleft())
        return batch

    async def _deal_with(self, batch: Sequence[Waiting]) -> None:
        """Take them together, and one by one when one of them cannot be taken."""
        if await self._all_taken([alert for _, alerts in batch for alert in alerts]):
            await self._patiently(partial(self._inbox.done, *(item for item, _ in batch)))
            self.arrivals.settled(len(batch))
            return
        for item, alerts in batch:
            lost = [why for alert in alerts if (why := await self._taken([alert]))]
            await self._patiently(partial(self._settle, item, lost))
            self.arrivals.settled(1)

    async def _all_taken(self, alerts: Sequence[Alert]) -> bool:
        for start in range(0, len(alerts), TOGETHER):
            if await self._taken(alerts[start : start + TOGETHER]):
                return False
        return True

    async def take(self, alerts: Sequence[Alert]) -> None:
        """
        Take what came another way, as patiently; who brought it keeps it until this returns.

        Raises PermanentError when one could not be taken, and never will be.
        """
        if await self._all_taken(alerts):
            return
        if lost := [why for alert in alerts if (why := await self._taken([alert]))]:
            raise PermanentError("; ".join(lost))

    async def _taken(self, alerts: Sequence[Alert]) -> str:
        """Take some; why one of them could not be taken, and never will be."""
        take = self._patiently(partial(self._take, alerts))
        taking = self._world.tasks.start(take, name=f"alerts, {len(alerts)} together")
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
