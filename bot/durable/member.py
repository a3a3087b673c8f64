"""
Member: this process among several replicas, of which the one that has the seat acts.

The one that is active pings Postgres from the event loop. While an answer is not too old it may
begin what it has to do; without one it begins nothing. It loses the seat for good when another
began an epoch after its own, and only then: Postgres may go and come back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from bot.clients import processes
from bot.clients.seats import Me, Seat, Seen
from bot.core.errors import ConfigurationError, StoreUnavailable
from bot.ports import Clock

log = logging.getLogger(__name__)


class Times(NamedTuple):
    """
    Seconds; `believed` is less than `idle` and than `grace`.

    So who had the seat and cannot ask stops before another may begin.
    """

    beat: float = 5.0
    """Between two pings of who has the seat."""
    look: float = 1.0
    """Between two looks of who stands by."""
    again: float = 0.25
    """Between two tries to take back a seat whose session is gone."""
    idle: float = 30.0
    """Without a ping, after which Postgres ends a session."""
    believed: float = 20.0
    """For which one answer lets work begin."""
    answering: float = 8.0
    """That one look may take."""
    grace: float = 25.0
    """After Postgres was away, in which who had the seat may take it again, and nobody else."""


class Session(Protocol):
    """What is asked of Postgres; clients.seats.Session is it, and says what each does."""

    address: str

    async def look(self, me: Me, address: str, applied: int) -> Seen: ...
    async def lock(self) -> bool: ...
    async def unlock(self) -> None: ...
    async def again(self, epoch: int) -> bool: ...
    async def acted(self, me: Me) -> list[str]: ...
    async def begin(self, me: Me) -> int | None: ...
    async def resign(self, me: Me) -> None: ...
    async def close(self) -> None: ...


Connect = Callable[[], Awaitable[Session]]
Address = Callable[[str], str]


class Member:
    """One task calls `keep`; everybody else only looks at what it found."""

    def __init__(
        self,
        me: Me,
        clock: Clock,
        connect: Connect,
        address: Address,
        applied: Callable[[], int],
        times: Times = Times(),
    ) -> None:
        """
        `address` makes, of where Postgres sees us, what others can reach us by; `applied` gives
        the last entry that this replica's own file holds.
        """
        self.me = me
        self.seat = Seat()
        self.epoch = 0
        """Under which this process acts; 0 while it never had the seat."""
        self.seated, self.superseded = asyncio.Event(), asyncio.Event()
        self.why = "it has not reached Postgres yet"
        """What keeps it from seeing the others; empty while nothing does."""
        self.mistake: ConfigurationError | None = None
        """What Postgres will not let this replica do, when that was the last thing it said."""
        self._clock = clock
        self._connect = connect
        self._address = address
        self._applied = applied
        self._times = times
        self._session: Session | None = None
        self._holds = False
        self._answered: float | None = None
        self._safe_until = 0.0
        self._before: list[str] = []
        self._patient_until = 0.0

    @property
    def active(self) -> bool:
        """Whether it has the seat, as far as that is known without asking."""
        if self._answered is None or self.superseded.is_set():
            return False
        return self._clock.monotonic() - self._answered < self._times.believed

    def insist(self) -> None:
        """Raise StoreUnavailable unless it has the seat: nothing is done then."""
        if not self.active:
            raise StoreUnavailable(self.why_not)

    @property
    def why_not(self) -> str:
        """Why this replica does not act; empty when it does."""
        if self.active:
            return ""
        if self.superseded.is_set():
            return f"another replica took the seat: {self.seat.executor} is active"
        if self.why:
            return self.why
        if self.epoch:
            return "the seat is not known to be held: it is asked for again"
        return f"standby: {self.seat.executor or 'nobody'} is active"

    async def leave(self) -> None:
        """Wait until it is known to have the seat: for ever, once that is lost."""
        while not self.active:
            await self._clock.sleep(self._times.again)

    def gone(self) -> bool:
        """Whether all that had the seat before are known to be dead, or gave it back."""
        return all(map(processes.dead, self._before))

    @property
    def safe(self) -> bool:
        """Whether nobody else may act yet: what this one has under way may go on."""
        late = self._clock.monotonic() >= self._safe_until
        return not (late or self.superseded.is_set())

    async def keep(self) -> None:
        """Look again and again, until another took the seat from it."""
        await self.look()
        while not self.superseded.is_set():
            lost = self.epoch and not self._holds
            calm = self._times.beat if self._holds else self._times.look
            await self._clock.sleep(self._times.again if lost else calm)
            await self.look()

    async def look(self) -> None:
        """Look once; when Postgres cannot be asked, `why` says so and the next look connects."""
        try:
            async with asyncio.timeout(self._times.answering):
                await self._look()
            self.mistake = None
        except (StoreUnavailable, ConfigurationError, TimeoutError) as error:
            self.mistake = error if isinstance(error, ConfigurationError) else None
            await self._lose(str(error) or "Postgres takes too long to answer")

    async def resign(self) -> None:
        """Be no member any more; another takes the seat at once, if it was this one's."""
        self._answered = None
        try:
            async with asyncio.timeout(self._times.answering):
                if self._session is not None:
                    await self._session.resign(self.me)
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("this replica goes without a word to the others: %s", error)
        finally:
            await self._hang_up()

    def supersede(self) -> None:
        """Note that another replica has the seat: from here on this one does nothing."""
        self._answered = None
        self.superseded.set()

    async def _look(self) -> None:
        asked = self._clock.monotonic()
        if self._session is None:
            self._session = await self._connect()
        address = self._address(self._session.address)
        seen = await self._session.look(self.me, address, self._applied())
        self.seat = seen.seat
        if self.epoch and self.seat.epoch != self.epoch:
            self.supersede()
            return
        self.why = ""
        if not self._holds and (self.epoch or not self._waits(seen)):
            self._holds = await self._sit(self._session)
        if self._holds:
            self._answered, self._safe_until = asked, asked + self._times.believed
            self.seated.set()

    def _waits(self, seen: Seen) -> bool:
        """Whether who had the seat may have lost only its way to Postgres, and be back soon."""
        away = self._patient_until - self._times.grace  # when this one lost its own way
        taken = self._clock.monotonic() - seen.taken
        lost = seen.up < min(seen.taken, self._times.grace)
        return bool(seen.seat.executor) and (
            lost or (taken < away and self._clock.monotonic() < self._patient_until)
        )

    async def _sit(self, session: Session) -> bool:
        """Take the seat if it is free: once again in the same epoch, or first in a new one."""
        if not await session.lock():
            return False
        if not self.epoch:
            return await self._begin(session)
        if await session.again(self.epoch):
            log.warning("%s has the seat again, in epoch %s", self.me.executor, self.epoch)
            return True
        await session.unlock()
        self.supersede()
        return False

    async def _begin(self, session: Session) -> bool:
        self._before = await session.acted(self.me)
        epoch = await session.begin(self.me)
        if epoch is None:
            await session.unlock()
            return False
        address = self._address(session.address)
        self.epoch, self.seat = epoch, Seat(epoch, self.me.executor, address, self.me.token)
        log.warning("%s takes the seat, in epoch %s", self.me.executor, epoch)
        return True

    async def _lose(self, why: str) -> None:
        """The session is of no use any more: who was active doubts at once, and asks again."""
        if not self.why:
            log.warning("this replica cannot see the others: %s", why)
        self.why, self._answered = why, None
        self._patient_until = self._clock.monotonic() + self._times.grace
        await self._hang_up()

    async def _hang_up(self) -> None:
        session, self._session, self._holds = self._session, None, False
        if session is not None:
            await session.close()
