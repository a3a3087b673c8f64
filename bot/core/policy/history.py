"""Attempt: one run that was begun, as the ledger remembers it; successes and failures alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import AwareDatetime, Field

from bot.core.lifecycle import State
from bot.core.values import Frozen

FAILED = frozenset({State.ESCALATED, State.NOT_FIXED, State.CANCELLED})
"""How an attempt ends that did not help."""


class Attempt(Frozen):
    """One run: counted from the moment it began, whatever became of it."""

    at: AwareDatetime = Field(description="when its run started")
    incident: str
    runbook: str
    service: str
    environment: str
    targets: tuple[str, ...] = Field(description="keys of everything it touched")
    alert: str = Field(default="", description="what it was for; empty = nobody wrote it down")
    ended: State | None = Field(description="where its incident stands; None = still running")

    failed_at: AwareDatetime | None = Field(
        default=None, description="when it proved not to last, however late that was"
    )

    @property
    def moment(self) -> datetime:
        """What its failure counts from: its return, when it was called healed; else its start."""
        return self.failed_at or self.at

    @property
    def running(self) -> bool:
        return self.ended is None

    @property
    def failed(self) -> bool:
        return self.ended in FAILED


def within(attempts: Iterable[Attempt], now: datetime, span: timedelta) -> list[Attempt]:
    """
    Return those of the window, oldest first.

    An attempt leaves the window at the very instant that is `span` after it; one that a wrong
    clock put into the future counts.
    """
    recent = (attempt for attempt in attempts if now - attempt.at < span)
    return sorted(recent, key=lambda attempt: attempt.at)


def of_service(attempts: Iterable[Attempt], service: str, environment: str) -> list[Attempt]:
    """Return the attempts on one service in one environment, in the order given."""
    return [a for a in attempts if a.service == service and a.environment == environment]
