"""Ladder: whom an escalation calls one after the other, as it was decided when it began."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from bot.core.circle import Circle


class Need(StrEnum):
    """Why a person is needed."""

    FAILED = "failed"
    """What was tried did not help, or Heal itself failed."""
    NOVEL = "novel"
    """No runbook fits."""
    UNHEARD = "unheard"
    """People were asked, and nobody answered in time."""
    REFUSED = "refused"
    """Something fits, and policy or its own conditions refuse it now."""


class Level(Circle):
    """Those who are called when nobody before them said that they have it."""

    wait: float = Field(ge=0, description="seconds that those before them have to say so")
    page: bool = Field(default=True, description="whether the pagers are told as well")
