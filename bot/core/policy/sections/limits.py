"""How often, how much and how far."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from bot.core import durations, occurrence
from bot.core.durations import Duration
from bot.core.policy.sections.people import Preapproval
from bot.core.policy.sections.words import Count, Name, Percent, Where
from bot.core.values import Frozen


class Per(StrEnum):
    """What a rate window counts together."""

    RUNBOOK = "runbook"
    SERVICE = "service"
    TARGET = "target"
    ENVIRONMENT = "environment"
    EVERYTHING = "everything"


class Rate(Where):
    """At most so many attempts in such a time; every window holds at once."""

    per: Per = Field(
        description="runbook, service (in its environment), target, environment or everything"
    )
    limit: Count = Field(description="attempts, whether they helped or not")
    within: Duration = Field(description="in this time")


class Breaker(Frozen):
    """When a service that does not get well is left to people."""

    failures: Count = Field(default=2, description="so many failed runs on one service ...")
    within: Duration = Field(default=durations.parse("1h"), description="... in this time")
    open_for: Duration = Field(
        default=durations.parse("1h"),
        description="open this long after the last failed run began",
    )


class Tries(Frozen):
    """When enough was tried at one trouble."""

    limit: Count = Field(default=3, description="so many runs for one alert of one service ...")
    within: Duration = Field(
        default=durations.parse("10m"),
        description="... in this time, whatever became of them; then a person is called",
    )


class Recurring(Frozen):
    """When a trouble comes too often to be healed without a look at its cause."""

    times: Annotated[int, Field(strict=True, ge=2, le=occurrence.MOST)] = Field(
        description=f"from so many on, at most {occurrence.MOST} ..."
    )
    within: Duration = Field(description="... in this time")
    standard: tuple[Preapproval, ...] = Field(
        default=(), description="standard changes for it: these need no yes for that reason"
    )

    def lists(self, runbook: str, service: str) -> bool:
        return any((one.runbook, one.service) == (runbook, service) for one in self.standard)


class Queue(Frozen):
    """Where runs wait that only the limit of runs at once holds up."""

    places: Count = Field(default=10, description="so many may wait; one more is refused")
    longest: Duration = Field(
        default=durations.parse("30m"), description="who waited so long is refused as well"
    )


class Scaling(Frozen):
    """How far capacity may move; the sum over all steps of a plan counts, not each slice."""

    actions: tuple[Name, ...] = Field(
        default=("*.scale", "*.scale_*"),
        description="the actions that change capacity, beside those that say so themselves",
    )
    ask_above_percent: Percent = Field(default=25, description="a larger change is asked for")
    show_cost_above_percent: Percent = Field(
        default=50, description="for a larger change the question says what it costs"
    )
