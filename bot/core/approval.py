"""Approval: who may say yes to one plan, how many, until when; the first decision stands."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import AwareDatetime, Field

from bot.core.circle import Circle, Demand
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
    REFUSED = "refused"


class Request(Circle):
    """One asking: for exactly one plan (by hash), of these people, until then."""

    round: int = Field(ge=1, description="asked again after the plan moved: 2, 3, ...")
    plan_digest: str
    quorum: int = Field(ge=1, description="so many different people of the circle")
    demands: tuple[Demand, ...] = Field(default=(), description="to be met beside the quorum")
    excluded: tuple[str, ...] = Field(default=(), description="may not say yes: the requester")
    expires_at: AwareDatetime
    asked_at: AwareDatetime | None = None
    fallback: tuple[str, ...] = Field(
        default=(), description="of these words: those who are called only late"
    )
    on_call: dict[str, tuple[str, ...]] = Field(
        default={}, description="who was on call when it was asked, by schedule: to be called"
    )
    override: tuple[str, ...] = Field(
        default=(), description="break-glass: the rules whose no this yes would override"
    )

    @property
    def everybody(self) -> Circle:
        """All who may decide, those of the demands too."""
        return self.beside(*self.demands)

    @property
    def first(self) -> tuple[str, ...]:
        """Groups and people who are called at once."""
        return self._called(word for word in self.everybody.words if word not in self.fallback)

    @property
    def late(self) -> tuple[str, ...]:
        """Groups and people who are called when most of the time is gone."""
        return self._called(self.fallback)

    def _called(self, words: Iterable[str]) -> tuple[str, ...]:
        """A schedule is called by who is on call; by its own name when that was not known."""
        named = (who for word in words for who in self.on_call.get(word) or (word,))
        return tuple(dict.fromkeys(named))


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
