"""Who is asked, and for what nobody is."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from bot.core.policy.sections.words import Count, Exact, Name, Switch
from bot.core.risk import Level
from bot.core.values import Frozen


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


Schedule = Annotated[str, Field(pattern=r"^[a-z]+:[A-Za-z0-9._-]{1,64}$")]
"""An on-call schedule: the pager that knows it, and what that calls it; `rota:shop`."""


class Role(Frozen):
    """What people are to the policy: members of groups, named ones, whoever is on call."""

    groups: tuple[Name, ...] = Field(default=(), description="ids or handles of user groups")
    people: tuple[Name, ...] = Field(default=(), description="ids of people")
    schedules: tuple[Schedule, ...] = Field(
        default=(),
        description="whoever is on call at the moment of the click: `rota:` and a name of `rotas`, "
        "or `pagerduty:`, `jsm:` (JSM Operations), `irm:` (Grafana IRM) and the id of a schedule "
        "there",
    )

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if not (self.groups or self.people or self.schedules):
            raise ValueError("nobody is named: give at least one of groups, people and schedules")
        return self


class Called(Frozen):
    """Roles, and groups and people of Slack."""

    roles: tuple[Exact, ...] = Field(default=(), description="names of `roles`")
    groups: tuple[Name, ...] = Field(default=(), description="ids or handles of user groups")
    people: tuple[Name, ...] = Field(default=(), description="ids of people")

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not (self.groups or self.people or self.called):
            raise ValueError("nobody is named: give at least one of roles, groups and people")
        return self

    @property
    def called(self) -> tuple[str, ...]:
        """Every role that is meant."""
        return self.roles


class Panel(Called):
    """Who may say yes to plans of one level of risk."""

    quorum: Count = Field(default=1, description="how many different people must agree")
    from_each: tuple[Exact, ...] = Field(
        default=(),
        description="names of `roles`: one person of each must be among those who agree, and "
        "nobody stands for two",
    )
    requester_may_approve: Switch = Field(
        default=False, description="whether the person who asked for the run may say yes to it"
    )

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        named = not self.groups and not self.called
        if named and len(set(self.people)) < self.quorum:
            raise ValueError(f"a quorum of {self.quorum} cannot be reached: name more people")
        return self

    @property
    def called(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.roles, *self.from_each)))

    @property
    def needs(self) -> int:
        """How many different people it takes at least."""
        return max(self.quorum, len(set(self.from_each)))


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
