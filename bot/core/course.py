"""Course: how one incident went, in the few moments and words that figures are made of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core.approval import Ending
from bot.core.lifecycle import Event
from bot.core.policy.verdict import Ruling


class Course(NamedTuple):
    """One incident; a moment that is None has not been, and nobody can tell of what is empty."""

    incident: str
    opened_at: datetime
    title: str
    service: str
    environment: str
    alert: str = ""
    """The name of the alert that opened it; empty when a person asked for it."""
    severity: str = ""
    undoes: str = ""
    dry: bool = False
    """A person asked to be shown a plan only."""
    quiet: bool = False
    """Nobody has been told of it: it has not lasted, or people work there."""
    runbook: str = ""
    because: tuple[str, ...] = ()
    """Why this runbook was chosen: the nearest thing to a cause that is known."""
    why_none: str = ""
    ruling: Ruling | None = None
    """Of its last plan."""
    asked_at: datetime | None = None
    ending: Ending | None = None
    permitted: bool = False
    """The yes was given in advance."""
    taken_up_at: datetime | None = None
    """When people decided, or policy for them."""
    started_at: datetime | None = None
    passed: bool | None = None
    """What the proof after its run said; None when there was none."""
    healed_at: datetime | None = None
    rolled_back: bool | None = None
    """Whether all of it went back, when it had to."""
    taken_back: bool = False
    right: bool | None = None
    """What people said who looked at it afterwards."""
    escalated_to: str = ""
    event: Event | None = None
    """What closed it."""
    closed_at: datetime | None = None
    says: str = ""
    """What was said at its end."""
    came_back: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is an incident: an alert of it was shown to people."""
        return bool(self.alert) and not self.quiet

    @property
    def attempted(self) -> bool:
        """Whether a run of it is over that was meant to heal."""
        over = self.passed is not None or self.event is not None
        return self.started_at is not None and not self.undoes and over

    @property
    def verified(self) -> bool:
        return self.attempted and self.passed is True

    @property
    def helped(self) -> bool:
        """Whether it was healed and stayed so."""
        return self.verified and not self.came_back and not self.false

    @property
    def false(self) -> bool:
        """Whether people said that it was not right, or took it back."""
        return self.attempted and (self.right is False or self.taken_back)

    @property
    def alone(self) -> bool:
        """Whether it was resolved and nobody was asked about it."""
        resolved = self.counts and self.event is Event.ALERT_CLEARED
        return resolved and self.helped and self.ending is None

    @property
    def healing(self) -> timedelta | None:
        """From its opening to its proof; None when it was not healed or came back."""
        return self.healed_at - self.opened_at if self.helped and self.healed_at else None

    @property
    def waiting(self) -> timedelta | None:
        """How long people took to decide."""
        decided = self.ending in {Ending.APPROVED, Ending.REJECTED} and not self.permitted
        if not decided or self.asked_at is None or self.taken_up_at is None:
            return None
        return self.taken_up_at - self.asked_at
