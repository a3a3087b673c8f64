"""How far a yes that is given in advance may go."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core import durations
from bot.core.durations import Duration
from bot.core.policy.sections.words import Count
from bot.core.risk import Level
from bot.core.values import Frozen

Answered = Literal[
    "unattended",
    "production",
    "tier",
    "risk level",
    "critical",
    "confidence floor",
    "scaling",
    "blast cap",
    "circuit breaker",
    "relapse",
    "never unattended",
    "irreversible",
]
"""The rules whose question a permit can answer at all: a rule that is not here asks a person."""


class Permits(Frozen):
    """Bounds of every pre-approval; what goes further is asked each time."""

    longest: Duration = Field(
        default=durations.parse("8h"), description="no pre-approval lasts longer"
    )
    runs: Count = Field(default=5, description="no pre-approval is for more runs")
    open_for: Duration = Field(
        default=durations.parse("30m"), description="a pre-approval is asked for this long"
    )
    up_to_risk: Level = Field(
        default=Level.MEDIUM,
        description="low, medium or high: a plan of more risk is asked for in any case",
    )
    answers: tuple[Answered, ...] = Field(
        default=("unattended", "production", "tier", "risk level", "critical"),
        description="the rules whose question it answers; every other rule still asks a person",
    )
