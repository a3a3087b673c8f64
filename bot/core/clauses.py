"""The clauses of a runbook: when it is meant, what it reads, how far it may go."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from bot.core import durations, references, spelling
from bot.core.alert import Severity
from bot.core.durations import Duration
from bot.core.values import Facts, Frozen

ANY = "*"

Scalar = str | int | float | bool
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=300)]
PluginName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")]
Confidence = Annotated[float, Field(ge=0.75, le=1)]


def _nameable(name: str) -> str:
    if not references.may_name(name):
        raise ValueError(
            f"{spelling.quoted(name)} cannot be a name: use a-z, 0-9 and _, beginning with a "
            "letter, at most 40, and no word that CEL or a runbook already uses"
        )
    return name


Nameable = Annotated[str, AfterValidator(_nameable)]


def at_least(least: str) -> AfterValidator:
    bound = durations.parse(least)

    def check(value: timedelta) -> timedelta:
        if value < bound:
            raise ValueError(f"{durations.text(value)} is too short: write {least} or more")
        return value

    return AfterValidator(check)


def at_most(most: str) -> AfterValidator:
    bound = durations.parse(most)

    def check(value: timedelta) -> timedelta:
        if value > bound:
            raise ValueError(f"{durations.text(value)} is too long: write {most} or less")
        return value

    return AfterValidator(check)


Brief = Annotated[Duration, at_least("10ms"), at_most("1h")]
Span = Annotated[Duration, at_least("1s"), at_most("30d")]


class Clause(Frozen):
    """A part of a runbook, written with the words of the file: `as`, `with`."""

    model_config = ConfigDict(serialize_by_alias=True)


class ApprovedFor(Clause):
    """Where the owner allows this runbook."""

    service: str = Field(
        pattern=r"^(\*|[a-z0-9][a-z0-9._-]{0,62})$",
        description='name of the service, or "*" for every service of the environment',
    )
    environment: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$",
        description="name of the environment; there is no wildcard",
    )


class Match(Clause):
    """Which alerts this runbook is meant for; everything given must hold."""

    alerts: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...] = Field(
        default=(), description="exact names of alerts, at least one unless `residual`"
    )
    residual: bool = Field(
        default=False, description="look at every alert, whatever its name; then `when` is needed"
    )
    severity: tuple[Severity, ...] = Field(default=(), description="empty: any severity")
    min_confidence: Confidence | None = Field(
        default=None, description="least confidence of the alert, 0.75 to 1"
    )
    when: str | None = Field(
        default=None, description="CEL over alert and service that must be true"
    )
    lasts: Annotated[Duration, at_most("1h")] = Field(
        default=durations.parse("0s"),
        description="so long it must fire before anything is planned or said, at most 1h",
    )

    @model_validator(mode="after")
    def _is_found_by_something(self) -> Match:
        if self.residual and (self.alerts or self.when is None):
            raise ValueError("residual: true goes with `when` and without `alerts`")
        if not self.residual and not self.alerts:
            raise ValueError("alerts is missing: name at least one alert, such as [ServiceDown]")
        return self


class ParameterType(StrEnum):
    """What a parameter is; a text from `/heal run` is read as this."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DURATION = "duration"


class Parameter(Clause):
    """A value that the steps need, with all that it may be."""

    type: ParameterType = Field(description="string, integer, number, boolean or duration")
    value: Scalar | None = Field(
        default=None, description="a literal or one ${CEL}; without it `/heal run` must give it"
    )
    description: str = Field(default="", max_length=200, description="what it is, for people")
    pattern: str | None = Field(
        default=None, max_length=200, description="RE2 that the whole string must match"
    )
    min: int | float | str | None = Field(default=None, description="least number or duration")
    max: int | float | str | None = Field(default=None, description="greatest number or duration")
    choices: tuple[Scalar, ...] = Field(default=(), description="the only values there are")


class ProbeCall(Clause):
    """One read of the world, whose result conditions see under the name in `as`."""

    probe: PluginName = Field(description="what is read: http.status")
    name: Nameable = Field(alias="as", description="what conditions call its result")
    params: Facts = Field(default={}, alias="with", description="its parameters; ${CEL} is filled")


class Rollback(Clause):
    """When a healed service goes back to how it was; a failed run goes back in any case."""

    after: Span | None = Field(default=None, description="go back then, unless someone keeps it")
    on_recovery: str | None = Field(
        default=None, description="CEL over `probes`: go back when the original recovers"
    )
    probes: tuple[ProbeCall, ...] = Field(
        default=(), max_length=10, description="what `on_recovery` reads"
    )
    hold: Annotated[Duration, at_most("1h")] = Field(
        default=durations.parse("30s"),
        description="how long `on_recovery` must stay true: what flickers has not recovered",
    )
    verify: bool = Field(default=True, description="prove that going back left it healthy")


class Escalate(Clause):
    """Who is woken when it did not help, and what they read first."""

    to: str = Field(
        min_length=1, max_length=80, description="a role of the policy, or a user group: oncall"
    )
    say: Sentence = Field(
        description="one sentence for the person who is woken when a run did not help"
    )


class Attempts(Clause):
    """So many attempts in such a time; failed ones count too."""

    limit: int = Field(ge=1, le=100, description="attempts")
    within: Span = Field(description="in this time")


class ApprovalTerms(Clause):
    """How people are asked."""

    expires: Annotated[Duration, at_least("10s"), at_most("60m")] = Field(
        default=durations.parse("5m"), description="the question is open this long, at most 60m"
    )
    quorum: int = Field(default=1, ge=1, le=5, description="how many different people must agree")


class Safety(Clause):
    """How far it may go; policy can only tighten this."""

    unattended: bool = Field(default=False, description="may run without asking when risk is low")
    automation: Annotated[int, Field(strict=True, ge=1, le=5)] | None = Field(
        default=None,
        description="tier: 1 scales alone, 2 restarts what is stateless alone, 3 is reviewed "
        "afterwards, 4 is approved before, 5 is led by people; none: only policy says",
    )
    attempts: tuple[Attempts, ...] = Field(
        default=(Attempts(limit=3, within=durations.parse("1h")),),
        min_length=1,
        description="every window holds at once",
    )
    cool_down: Span = Field(
        default=durations.parse("5m"), description="least time between two runs on one target"
    )
    approval: ApprovalTerms = Field(default=ApprovalTerms(), description="how people are asked")
    min_confidence: Confidence | None = Field(
        default=None, description="below it a person is asked; 0.75 to 1, else the policy's floor"
    )


class Estimate(Clause):
    """What people may expect; shown on the card."""

    recovery: Span = Field(description="time until it is healed, as a rule")
    cost: str = Field(default="none", max_length=100, description="what it costs, in words")
