"""Deployment: somebody's rollout at or around a target, as it was seen while a plan was built."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from bot.core.values import Frozen


class Stage(StrEnum):
    """How far it is; one that is over is not mentioned at all."""

    UNDERWAY = "under way"
    GIVEN_UP = "given up"
    UNREAD = "unread"
    """Whether there is one could not be told."""


class Deployment(Frozen):
    """What is being deployed, how that shows, and since when if that is known."""

    what: str = Field(min_length=1, description="for people: deployment api in shop (prod)")
    stage: Stage
    says: str = Field(description="how it shows, or why it cannot be told")
    since: AwareDatetime | None = None
    ended_here: bool = Field(
        default=False, description="this very step ends it, or takes away what holds it up"
    )
