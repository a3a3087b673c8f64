"""What is written down and read back: the ledger, the inbox, the incidents as they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.core.episode import Episode
from bot.core.exhibit import Exhibit
from bot.core.headway import Headway
from bot.core.incident import Incident
from bot.core.standing import Standing
from bot.core.transcript import Brief, Draft, Entry


class Ledger(Protocol):
    """The append-only, hash-chained record; nothing is done that it does not hold first."""

    async def append(self, draft: Draft) -> tuple[Entry, bool]:
        """Record once: the entry that stands under this key, and whether it is new."""

    async def append_all(self, drafts: Sequence[Draft]) -> Sequence[tuple[Entry, bool]]:
        """Record these in their order, all of them or none; each as `append` does."""

    async def brief(self, incident: str) -> Brief:
        """Its transcript, without the middle of very many alerts that joined it."""

    async def find(self, key: str) -> Entry | None: ...


class Exhibits(Protocol):
    """What incidents have to show beside their entries, proved by the ledger."""

    async def keep(self, those: Sequence[tuple[Draft, bytes]]) -> Sequence[tuple[Entry, bool]]:
        """
        Record that these are kept, and their contents, all or none; what stands under each key.

        Raises ValueError when a draft is of other contents than these.
        """

    async def evidence(self, incident: str) -> Sequence[Exhibit]:
        """What it has to show, in its order; only what is exactly what the ledger says."""


class Item(Protocol):
    """Something that came in and is not dealt with; `room` understands its body."""

    @property
    def id(self) -> int: ...
    @property
    def room(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Kept(Protocol):
    """Where something that came in is kept; `fresh` is False when it had come before."""

    @property
    def id(self) -> int: ...
    @property
    def fresh(self) -> bool: ...


class Inbox(Protocol):
    """What came in, on disk before anybody is told that it was received."""

    async def put(
        self, keys: Sequence[str], room: str, body: bytes, headers: Mapping[str, str], at: datetime
    ) -> Kept: ...
    async def pending(self, room: str = "", after: int = 0) -> Sequence[Item]:
        """The next page behind the item `after`, oldest first, of rooms that begin so."""

    def waiting(self) -> Mapping[str, int]:
        """How many are pending, by room."""

    async def oldest(self, room: str = "") -> datetime | None:
        """When the first came in that is pending, in rooms that begin so."""

    async def done(self, *items: int) -> None: ...
    async def refused(self, item: int, why: str) -> None: ...


class Cases(Protocol):
    """All incidents as they stand, folded from the ledger; kept in memory, never the record."""

    def get(self, incident: str) -> Incident | None: ...
    def find(self, words: str) -> Incident | None:
        """By id as people write it: inc-7f3k2m, run-7f3k2m or 7f3k2m."""

    def open(self) -> Sequence[Incident]: ...
    def recent(self, count: int) -> Sequence[Incident]:
        """Newest first."""

    def since(self, at: datetime, count: int) -> Sequence[Episode]:
        """What was opened since then, newest first, at most so many."""

    def standing(self) -> Standing:
        """What people said for the whole house, as it holds now."""

    def by_permit(self, permit: str) -> int:
        """How many runs began by this permit, or were told that they may."""

    def headway(self, incident: str) -> Headway | None:
        """How far its run is just now; None when nothing is under way, or nothing was said."""

    def on_order(self, told: Callable[[], None]) -> None:
        """Be told after something was said for the whole house."""

    def subscribe(self, told: Callable[[Incident, Entry], None]) -> None:
        """Be told of each entry after it is safe, with the incident as it stands then."""
