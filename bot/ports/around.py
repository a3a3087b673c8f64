"""The world outside an incident: time, background work, and who people are."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, Protocol


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

    async def members(self, groups: Sequence[str]) -> frozenset[str]:
        """User ids of all these groups (ids or handles); raises TemporaryError when unknown."""
