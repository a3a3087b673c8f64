"""What this room asks of the outbox: small Protocols that app fills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Place(Protocol):
    """Where a message stands in Slack: `ts` is its name within the channel."""

    @property
    def channel(self) -> str: ...
    @property
    def ts(self) -> str: ...


class Row(Protocol):
    """A message that does not say yet what it should; `priority` 0 goes first."""

    @property
    def slot(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def thread_slot(self) -> str | None: ...
    @property
    def thread_ts(self) -> str | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def priority(self) -> int: ...
    @property
    def payload(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def sent_channel(self) -> str | None: ...
    @property
    def ts(self) -> str | None: ...
    @property
    def not_before(self) -> datetime | None: ...
    @property
    def tries(self) -> int: ...


class Wishes(Protocol):
    """Where is said what a message should be from now on."""

    async def want(
        self,
        slot: str,
        channel: str,
        thread_slot: str | None,
        kind: str,
        priority: int,
        payload: str,
        at: datetime,
    ) -> bool:
        """True when that means something to send."""

    async def withdraw(self, slots: Sequence[str]) -> bool:
        """Want none of these any more, if they were not posted."""

    async def where(self, slot: str) -> Place | None: ...


class Outbox(Protocol):
    """What waits to be sent, and how the sending went."""

    def insist(self) -> None:
        """Raise StoreUnavailable when another process may send by now what waits here."""

    async def due(self) -> Sequence[Row]:
        """The most urgent first, then what has waited longest: as many as can go out soon."""

    async def unposted(self) -> frozenset[str]:
        """The slots that wait to be posted, or whose posting an earlier life could not note."""

    async def sent(self, slot: str, version: int, ts: str, channel: str) -> None: ...
    async def failed(self, slot: str, error: str, not_before: datetime) -> None: ...


class Post(Outbox, Wishes, Protocol):
    """The whole outbox, as app hands it over."""

    async def find_by_ts(self, channel: str, ts: str) -> str | None:
        """The slot of a message, when it was noted to stand there."""
