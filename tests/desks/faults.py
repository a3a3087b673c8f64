"""What can go wrong with one request to a system outside, and how tests look into such a system."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import NamedTuple, Protocol

from bot import ports


class Fault(Enum):
    """What becomes of the next request that writes."""

    AWAY = "it answers 503, and nothing was taken"
    TOO_FAST = "it answers 429 and wants 7 seconds of rest, and nothing was taken"
    BROKEN = "it answers 500, and nothing was taken"
    LOST = "it was taken, and the connection broke before the answer"
    LATE = "it was taken, and the gateway before it answers 504"


class Desk(Protocol):
    """A double of one system, as its own people see it."""

    def notes(self, reference: str) -> list[str]:
        """Everything that was written to a record, oldest first."""

    def records(self) -> list[str]:
        """The references of all records that there are."""

    def resolved(self, reference: str) -> bool:
        """Whether the record counts as resolved there."""

    def fail(self, *faults: Fault) -> None:
        """Let the next requests that write go wrong so, one after the other."""

    def lock(self) -> None:
        """Take nothing any more from whoever uses the password that is set."""


class Stand(NamedTuple):
    """One correspondent, joined to a double of its system, with the record that is there."""

    correspondent: ports.Correspondent
    desk: Desk
    reference: str
    opener: ports.Correspondent
    """The same system, set to open a record for what has none."""


class Open(Protocol):
    """Opens a system with one record in it that an incident can be about."""

    def __call__(self) -> AbstractAsyncContextManager[Stand]: ...
