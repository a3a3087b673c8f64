"""When so much is broken at once that Heal keeps its hands still."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.policy.sections.words import Count, Percent
from bot.core.values import Frozen


class Storm(Frozen):
    """From how much trouble in the whole house nothing runs unattended any more."""

    above_percent: Percent = Field(
        default=30, description="a larger share of all services with an open incident is a storm"
    )
    at_least: Count = Field(default=5, description="and at least so many services")
    then: Literal["ask", "deny"] = Field(
        default="ask", description="ask or deny: what becomes of every plan in a storm"
    )
