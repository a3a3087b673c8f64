"""What a glance at the house tells beyond its incidents: what comes in, waits and is held back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple, Protocol

from bot.core.policy.verdict import Ruled
from bot.core.prospects import Report


class Door(NamedTuple):
    """One source since this process began: alerts accepted, messages turned away by outcome."""

    source: str
    messages: int
    alerts: int
    turned_away: Mapping[str, int]


class Standstill(NamedTuple):
    """A freeze or maintenance of the policy that holds now, or that nobody can tell of."""

    name: str
    place: str
    until: datetime | None
    """None = its calendar was not read, or too long ago."""


class Glance(NamedTuple):
    """As it stands at one moment."""

    since: datetime
    """When this process began to count what comes in."""
    doors: tuple[Door, ...] = ()
    waiting: int = 0
    """Messages that are safe on disk and not dealt with."""
    oldest: timedelta = timedelta()
    ruled: tuple[Ruled, ...] = ()
    """What policy said of the incidents of the last day."""
    standstills: tuple[Standstill, ...] = ()
    untold: Mapping[str, int] = MappingProxyType({})
    """How many updates a system outside was not told, for what is open or ended lately."""


class Watchtower(Protocol):
    """Looks around for whoever asks."""

    async def glance(self) -> Glance: ...
    async def report(self, lasts: timedelta, until: datetime | None = None) -> Report:
        """What so long came to, until then or now; ConfigurationError: the file is unreadable."""
