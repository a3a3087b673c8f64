"""The world outside an incident: time, background work, and who people are."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from bot.core.alert import Alert


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class Background(Protocol):
    """Where background work is started: named, kept, supervised (bot/tasks.py)."""

    def start(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]: ...


class People(Protocol):
    """Who people are, asked live: membership is read at the click, and failing means no."""

    async def members(self, groups: Sequence[str], *, within: float = 0.0) -> frozenset[str]:
        """
        User ids of all these groups (ids or handles), as of now or so many seconds ago at most.

        Raises TemporaryError when that cannot be known, PermanentError when there is no such group.
        """


class Pager(Protocol):
    """Who is on call, asked live as membership is."""

    async def who_is_on_call(self, schedule: str, at: datetime) -> frozenset[str]:
        """
        User ids of those on call by a schedule (`rota:shop`) at an instant.

        Raises TemporaryError when that cannot be known, PermanentError when it never will.
        """


class Known(NamedTuple):
    """An alert that its system holds now; one that is silenced, or over, is not active."""

    alert: Alert
    active: bool


class Witness(Protocol):
    """Who can say whether an alert is so, by the link of the message that tells of it."""

    def place(self, link: str) -> str:
        """The address that may be asked about this link; empty when it is not one's own."""

    async def held(self, place: str, link: str = "") -> Sequence[Known]:
        """
        What stands behind the link, as its system knows it, with who confirmed it.

        Raises TemporaryError or PermanentError when the answer cannot be had.
        """
