"""
Replica: one of several; it stands by and follows, and acts when it has the seat.

While it stands by, its file follows Postgres, and what comes to its doors is handed on. When its
turn comes, the house opens as after any restart, on a file that is up to date. It is over for
good when another replica took the seat.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Self

from bot.clients import seats
from bot.clients.databases import DatabaseSettings, ReplicaSettings
from bot.clients.postgres import Postgres
from bot.clients.seats import Me
from bot.clock import Clock
from bot.core.errors import ConfigurationError, StoreUnavailable, Superseded
from bot.core.transcript import Entry
from bot.durable.member import Member, Times
from bot.durable.others import Acts, Others
from bot.settings import Settings
from bot.store.shared.copy import Copy
from bot.store.shared.sharing import Shared
from bot.store.view import View
from bot.store.writer import Writer
from bot.tasks import Tasks
from bot.web.relay import Active, Relay, Restoring, listening
from bot.web.server import Server

FOLLOW_EVERY = 1.0
"""Seconds between two looks at what is new in Postgres."""
BREAK_OFF_EVERY = 0.25
"""Seconds between two looks whether another replica may act by now."""
SUPERSEDED = 75
"""The exit code of a replica that lost its seat: not a failure, and to be started again."""
Lost = Callable[[str], None]
log = logging.getLogger(__name__)


class Replica:
    """A Place among others; `open` it, wait for its `turn`, and give the house to it."""

    def __init__(
        self,
        settings: Settings,
        database: DatabaseSettings,
        replica: ReplicaSettings,
        clock: Clock,
        lost: Lost,
        times: Times,
    ) -> None:
        url = database.url.get_secret_value().strip()
        self._postgres = Postgres(url)
        self._settings = settings
        self._clock = clock
        self._lost = lost
        self._tasks = Tasks()
        self._stack = AsyncExitStack()
        self._applied = 0
        self._behind = "its file does not follow yet"
        self._mistake: ConfigurationError | None = None
        self._stuck = asyncio.Event()
        self._port = 0
        self._acts = Acts()
        self._from = 0
        """The last entry that stood when this replica began to act."""
        self._copy: Copy | None = None
        """The file while it only follows; None once the house has it."""
        self._using = asyncio.Lock()
        """Held by who uses the copy: one at a time."""
        self._following: asyncio.Task[None] | None = None
        self.me = me = Me.new()
        self.member = Member(
            me, clock, partial(seats.Session.open, url, me, times.idle),
            lambda seen: replica.reached_at(settings.listen, self._port, seen),
            lambda: self._applied, times,
        )  # fmt: skip
        self.leave = self.member.leave
        self.others: Others = self

    @classmethod
    async def open(
        cls,
        settings: Settings,
        database: DatabaseSettings,
        replica: ReplicaSettings,
        clock: Clock,
        lost: Lost,
        times: Times = Times(),
    ) -> Self:
        """
        Take the file and the address, and become a member; ConfigurationError stops the start.

        `lost` is called once, with why, when another replica has the seat: it ends the process.
        """
        one = cls(settings, database, replica, clock, lost, times)
        try:
            await one._open()
        except BaseException:
            await one.close()
            raise
        return one

    async def _open(self) -> None:
        self._socket = listening(self._settings.listen, self._settings.port)
        self._port = int(self._socket.getsockname()[1])
        self._stack.callback(self._socket.close)
        self._stack.push_async_callback(self._tasks.close, 0.0)
        self._copy = await Copy.open(self._settings.ledger, self._postgres)
        self._stack.push_async_callback(self._stop_following)
        self._relay = Relay(self.me.token, self._active, lambda: self.why_not, self._why_behind)
        await self._relay.open(self._socket)
        self._stack.push_async_callback(self._relay.close)
        await self.member.look()
        if self.member.mistake is not None:
            raise self.member.mistake
        self._stack.push_async_callback(self.member.resign)
        log.info("replica %s: %s", self.me.executor, self.why_not or "it is active")
        self._following = self._tasks.start(self._follow(), name="follow what Postgres says")
        self._tasks.start(self.member.keep(), name="look who has the seat")
        self._tasks.start(self._heed(), name="break off what another may do")
        self._tasks.start(self._superseded(), name="heed that another has the seat")

    async def turn(self) -> None:
        """Wait until it is this one's turn; ConfigurationError when its file never can follow."""
        events = (self.member.seated, self._stuck)
        waits = {self._tasks.start(one.wait(), name="wait for a turn") for one in events}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if self._mistake is not None:
            raise self._mistake

    async def close(self) -> None:
        """Give the seat back, so that another takes over at once, and let go of everything."""
        await self._stack.aclose()

    @property
    def why_not(self) -> str:
        """Why nothing may be done here now; empty when it may."""
        return str(self._mistake) if self._mistake is not None else self.member.why_not

    async def writer(self, ledger: Path) -> Writer:
        """Bring the file up to date, and commit to Postgres first from then on; Superseded."""
        await self._stop_following()
        while True:
            await self.member.leave()
            shared = Shared(self._postgres, self.member.epoch)
            try:
                writer = await Writer.open(ledger, shared=shared)
            except StoreUnavailable as error:
                if isinstance(error, Superseded):
                    self.member.supersede()
                log.warning("%s; trying again", error)
                await self._clock.sleep(FOLLOW_EVERY)
            else:
                self._tasks.start(self._refused(writer), name="heed a refused commit")
                self._from = await writer.do(lambda db: View(db).head().seq)
                return writer

    def theirs(self, entry: Entry) -> bool:
        """Whether it was recorded before this replica acted."""
        return entry.seq <= self._from

    def gone(self) -> bool:
        """Whether all that acted before are known to be dead, or gave their seat back."""
        return self.member.gone()

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[None]:
        """What is done inside begins with the seat, and is broken off once another may act."""
        await self.member.leave()
        async with self._acts.acting():
            yield

    async def listen(self, server: Server, host: str, port: int) -> None:
        """Answer where it was handed on till now; whoever knocks meanwhile waits at the door."""
        await self._relay.close()
        await server.take_over(self._socket, Restoring(self.me.token))
        self._socket.close()  # the server has its own, and closes it when it closes its doors

    def _active(self) -> Active | None:
        seat = self.member.seat
        if not seat.address or seat.executor == self.me.executor:
            return None
        return Active(seat.address, seat.token)

    def _why_behind(self) -> str:
        return self._behind or self.member.why

    async def _heed(self) -> None:
        while True:
            await self._clock.sleep(BREAK_OFF_EVERY)
            if not self.member.safe:
                self._acts.break_off()

    async def _superseded(self) -> None:
        await self.member.superseded.wait()
        self._lost(self.member.why_not)

    async def _refused(self, writer: Writer) -> None:
        await writer.superseded.wait()
        self.member.supersede()

    async def _follow(self) -> None:
        while True:
            try:
                async with self._using:
                    if self._copy is None:
                        return
                    reached = await self._copy.follow()
                self._applied, self._behind = reached.head.seq, ""
            except StoreUnavailable as error:
                self._behind = f"its file cannot follow now: {error}"
            except ConfigurationError as error:
                self._mistake = error
                self._stuck.set()
                return
            await self._clock.sleep(FOLLOW_EVERY)

    async def _stop_following(self) -> None:
        async with self._using:
            copy, self._copy = self._copy, None
            if self._following is not None:
                self._following.cancel()
            if copy is not None:
                await copy.close()
