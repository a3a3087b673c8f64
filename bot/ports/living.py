"""How a run survives: the life of one incident, and the letters that reach it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from bot.core.transcript import Draft, Entry


class Letter(NamedTuple):
    """What stands in a mailbox after somebody tried to put something in: the first wins."""

    won: bool
    kind: str
    body: str | None
    actor: str
    at: datetime


class Life(Protocol):
    """One incident's workflow while it lives in this process; replayed from the record."""

    @property
    def incident(self) -> str: ...
    @property
    def nonce(self) -> str: ...

    def recorded(self, key: str) -> bool:
        """Whether the result of a step is in the record."""

    @property
    def held(self) -> Sequence[Draft]:
        """What was done and is recorded with the next step, not yet before."""

    async def step(
        self,
        key: str,
        kind: str,
        actor: str,
        act: Callable[[], Awaitable[str]],
        *,
        hold: bool = False,
        reads: bool = False,
    ) -> str: ...
    async def outlive(self, key: str, within: float) -> bool:
        """Wait until an act that another process claimed by this step must be over, if one did."""

    def left(self, began: float, within: float) -> float:
        """Seconds that an act may take which was claimed then (monotonic)."""

    def acting(self) -> AbstractAsyncContextManager[None]:
        """Inside, what is done ends with UncertainError once another process may act."""

    async def receive(
        self, topic: str, deadline: datetime | None, *, sleeps: bool = False
    ) -> str | None:
        """Wait for a letter; who `sleeps` has nothing under way, and is replayed when it comes."""

    async def peek(self, topic: str) -> str | None: ...
    async def shut(self, topic: str) -> str | None: ...


class Durable(Protocol):
    """How a run survives the process."""

    async def start(self, incident: str, opened: Entry | None = None) -> None:
        """Begin, or go on; `opened` when it was recorded just now, so that there is no more."""

    async def signal(
        self, incident: str, topic: str, body: str, actor: str, kind: str = "mail.sent"
    ) -> Letter: ...
