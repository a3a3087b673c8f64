"""The sections of `rules.yaml`: spans, limits, caps and people, each strict and described."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Annotated, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from bot.core import durations, spelling
from bot.core.durations import Duration
from bot.core.risk import Level
from bot.core.values import Frozen


def _written_as_a_time(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError(  # noqa: TRY004 - pydantic collects ValueError
            f"{spelling.quoted(value)} is not a time: write one like 2026-12-24T18:00:00+01:00"
        )
    return value


Name = Annotated[str, Field(min_length=1, max_length=100)]
Exact = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
Count = Annotated[int, Field(strict=True, ge=1, le=1000)]
Percent = Annotated[float, Field(strict=True, ge=0, le=1000)]
Switch = Annotated[bool, Field(strict=True)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_a_time)]


class Where(Frozen):
    """The services and environments that a section is about."""

    environments: tuple[Name, ...] = Field(
        default=("*",), min_length=1, description="names of environments; `*` stands for anything"
    )
    services: tuple[Name, ...] = Field(
        default=("*",), min_length=1, description="names of services; `*` stands for anything"
    )

    def covers(self, service: str, environment: str) -> bool:
        return fits(environment, self.environments) and fits(service, self.services)


class Freeze(Where):
    """A span, `[starts, ends)`, in which nothing is changed."""

    name: Name = Field(description="what it is called on the card")
    starts: Moment = Field(description="its first instant, with its offset from UTC")
    ends: Moment = Field(description="the first instant after it, with its offset from UTC")
    lets_urgent_ask: Switch = Field(
        default=False, description="a critical incident may ask people instead of being refused"
    )

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Self:
        if self.starts >= self.ends:
            raise ValueError(f"freeze {self.name!r} ends before it starts: swap starts and ends")
        return self


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
    opens_for: Duration = Field(
        default=durations.parse("1h"),
        description="open this long after the last failed run began",
    )


class Blast(Frozen):
    """How much may be away or touched at once."""

    ask_above_percent: Percent = Field(
        default=50, description="a larger share away at the worst moment is asked for"
    )
    deny_above_percent: Percent = Field(
        default=100, description="a larger share away at the worst moment is refused; 100 = never"
    )
    min_left: Annotated[int, Field(strict=True, ge=0)] = Field(
        default=1, description="fewer than these left at the worst moment is asked for"
    )
    deny_above_touched: dict[Name, Count] = Field(
        default={}, description="by unit (pod, process, node): touching more of them is refused"
    )

    @model_validator(mode="after")
    def _asks_before_it_denies(self) -> Self:
        if self.ask_above_percent > self.deny_above_percent:
            raise ValueError("ask_above_percent is above deny_above_percent: it would never ask")
        return self


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


class Preapproval(Frozen):
    """A standard change: this runbook may run on this service in production without asking."""

    runbook: Exact = Field(description="exact name of the runbook; there is no wildcard")
    service: Exact = Field(description="exact name of the service; there is no wildcard")


class Production(Frozen):
    """Where everything is asked for, unless it was pre-approved by name."""

    environments: tuple[Name, ...] = Field(
        default=("production", "prod"), description="names of environments; `*` stands for anything"
    )
    preapproved: tuple[Preapproval, ...] = Field(default=(), description="standard changes")


class Called(Frozen):
    """Groups and people of Slack."""

    groups: tuple[Name, ...] = Field(default=(), description="ids or handles of user groups")
    people: tuple[Name, ...] = Field(default=(), description="ids of people")

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not self.groups and not self.people:
            raise ValueError("nobody is named: give at least one of groups and people")
        return self


class Panel(Called):
    """Who may say yes to plans of one level of risk."""

    quorum: Count = Field(default=1, description="how many different people must agree")
    requester_may_approve: Switch = Field(
        default=False, description="whether the person who asked for the run may say yes to it"
    )

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if not self.groups and len(set(self.people)) < self.quorum:
            raise ValueError(f"a quorum of {self.quorum} cannot be reached: name more people")
        return self


class Approvers(Frozen):
    """A level without people of its own is decided by those of the next higher one."""

    low: Panel | None = Field(default=None, description="for low risk; else those of medium")
    medium: Panel | None = Field(default=None, description="for medium risk; else those of high")
    high: Panel = Field(description="for high risk")
    fallback: Called | None = Field(
        default=None,
        description="may decide too, and are called when most of the time is gone unanswered",
    )

    def of(self, level: Level) -> Panel:
        """Return who decides at this level; never those of a lower one."""
        upward = {
            Level.LOW: self.low or self.medium,
            Level.MEDIUM: self.medium,
            Level.HIGH: None,
        }
        return upward[level] or self.high


@lru_cache(maxsize=8192)
def fits(name: str, patterns: tuple[str, ...]) -> bool:
    """
    Tell whether one of the patterns matches the whole name, case and all.

    >>> fits("kubernetes.scale", ("*.scale",)), fits("scale", ("*.scale",))
    (True, False)
    """
    return any(
        fnmatchcase(name, pattern) if _WILD.intersection(pattern) else name == pattern
        for pattern in patterns
    )


_WILD = frozenset("*?[")
"""What makes a name a pattern: fnmatch compiles each, and forgets those of a big house."""
