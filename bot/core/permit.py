"""
Permit: a yes that people give in advance, to one runbook on one service, for a while.

It is an approval, not a rule: policy still asks, and the permit answers in its people's place. It
holds for the runbook and the policy exactly as they were when it was asked for.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field

from bot.core import values
from bot.core.approval import Request, Vote
from bot.core.values import Frozen


class Wanted(Frozen):
    """What somebody asks to be allowed in advance; a yes is bound to all of it."""

    by: str
    runbook: str
    runbook_digest: str
    policy_digest: str
    service: str
    environment: str
    lasts: float = Field(gt=0, description="seconds, counted from the yes")
    runs: int = Field(ge=1, description="at most so many begin by it")
    why: str

    @property
    def digest(self) -> str:
        return values.digest(self.model_dump(mode="json"))


class Use(Frozen):
    """What the record of a decision says of the permit that it was made by."""

    id: str
    left: int = Field(ge=0, description="runs that are left after this one")
    runs: int
    until: AwareDatetime


class Permit(Frozen):
    """One permit as it stands, folded from what was said of it."""

    id: str
    wanted: Wanted
    request: Request
    channel: str = ""
    votes: tuple[Vote, ...] = ()
    grounds: dict[str, tuple[str, ...]] | None = None
    """Who of them may decide, as of the last vote."""
    granted_by: tuple[str, ...] = ()
    granted_at: AwareDatetime | None = None
    until: AwareDatetime | None = None
    over: str = ""
    """Why it holds no more: refused, revoked, stopped; empty while only time may end it."""
    over_at: AwareDatetime | None = None

    def waits(self, now: datetime) -> bool:
        """Whether people may still say yes or no to it."""
        return not self.over and self.until is None and now < self.request.expires_at

    def ended(self, now: datetime, used: int) -> str:
        """Why nothing may begin by it any more; empty while something may, or people are asked."""
        if self.over:
            return self.over
        if self.until is None:
            return "" if now < self.request.expires_at else "nobody decided in time"
        if now >= self.until:
            return "its time is over"
        return "all of its runs are used" if used >= self.wanted.runs else ""

    def holds(self, now: datetime, used: int) -> bool:
        """Whether it was granted and nothing ended it."""
        return self.until is not None and not self.ended(now, used)
