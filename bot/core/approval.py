"""Approval: who may say yes to one plan, how many, until when; the first decision stands."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import AwareDatetime, Field

from bot.core.risk import Level
from bot.core.values import Frozen


class Ending(StrEnum):
    """How a request for approval ended; only the first of these means that anything runs."""

    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    PAUSED = "paused"


class Request(Frozen):
    """One asking: for exactly one plan (by hash), of these people, until then."""

    round: int = Field(ge=1, description="asked again after the plan moved: 2, 3, ...")
    plan_digest: str
    quorum: int = Field(ge=1)
    groups: tuple[str, ...] = Field(default=(), description="Slack user group ids or handles")
    people: tuple[str, ...] = Field(default=(), description="Slack user ids")
    excluded: tuple[str, ...] = Field(default=(), description="may not say yes: the requester")
    expires_at: AwareDatetime
    asked_at: AwareDatetime | None = None
    fallback: tuple[str, ...] = Field(
        default=(), description="of groups and people: those who are called only late"
    )

    override: tuple[str, ...] = Field(
        default=(), description="break-glass: the rules whose no this yes would override"
    )

    @property
    def first(self) -> tuple[str, ...]:
        """Groups and people who are called at once."""
        return tuple(name for name in (*self.groups, *self.people) if name not in self.fallback)


class Vote(Frozen):
    """One person's yes or no."""

    who: str
    yes: bool
    why: str = ""
    reacted: bool = Field(default=False, description="said by a reaction on the card")


def not_by_reaction(request: Request, level: Level | None) -> str:
    """
    Why a reaction is no answer to a request; empty when it is one.

    It is too little for a high risk, and it names no round: of a plan that was asked for again,
    nobody could tell which one was meant.
    """
    if request.override:
        return "This overrides a no of policy, and a reaction is too little for that"
    if level in {Level.HIGH, None}:
        return "This is a high risk, and a reaction is too little for that"
    if request.round > 1:
        return "The plan changed, and a reaction cannot say which one it means"
    return ""


def weigh(request: Request, votes: Iterable[Vote]) -> Ending | None:
    """
    Decide from the votes so far: any no wins, distinct people make the quorum, None = still open.

    >>> from datetime import datetime, UTC
    >>> soon = datetime(2026, 1, 1, tzinfo=UTC)
    >>> two = Request(round=1, plan_digest="x", quorum=2, expires_at=soon)
    >>> weigh(two, [Vote(who="U1", yes=True), Vote(who="U1", yes=True)]) is None
    True
    """
    cast = list(votes)
    if any(not vote.yes for vote in cast):
        return Ending.REJECTED
    distinct = {vote.who for vote in cast if vote.who not in request.excluded}
    return Ending.APPROVED if len(distinct) >= request.quorum else None
