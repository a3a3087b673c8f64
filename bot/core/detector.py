"""Detector: a probe on a schedule that raises and resolves an alert of its own."""

from __future__ import annotations

from pydantic import Field

from bot.core.alert import Severity
from bot.core.clauses import Brief, Clause, ProbeCall
from bot.core.durations import Duration, parse
from bot.core.promises import AssumedService
from bot.core.values import Facts


class Raised(Clause):
    """The alert that it raises, about one service or, with `for`, about each that it looks at."""

    name: str = Field(min_length=1, max_length=200, description="name of the alert: ServiceDown")
    severity: Severity = Field(default=Severity.WARNING, description="info, warning or critical")
    service: str = Field(
        default="", description="a service of policy/services.yaml; left out with `for`"
    )
    environment: str = Field(default="", description="its environment; left out with `for`")
    summary: str = Field(
        min_length=5,
        max_length=200,
        description="one sentence for people; ${CEL} over the probes and service is filled",
    )


class Sighted(Clause):
    """What must come of it; what is left out is not looked at."""

    watched: bool | None = Field(default=None, description="whether `for` holds for the service")
    firing: bool | None = Field(default=None, description="whether it is trouble")
    over: bool | None = Field(default=None, description="whether an alert would be resolved")
    summary: str | None = Field(default=None, description="a piece of the alert's sentence")


class DetectorTest(Clause):
    """One golden test, run by `heal runbooks test`; a probe without evidence saw nothing."""

    name: str = Field(min_length=5, max_length=200, description="a sentence that should be true")
    service: AssumedService | None = Field(
        default=None, description="facts of the service; without it, the catalogue's"
    )
    evidence: dict[str, Facts] = Field(
        default={}, description="what the probes read, by the name in `as`"
    )
    expect: Sighted = Field(description="what must come of it")


class Detector(Clause):
    """No monitoring system needed: Heal itself looks, and is as strict as with anybody's alert."""

    detector: str = Field(pattern=r"^[a-z][a-z0-9-]{2,62}$", description="same as the file's name")
    each: str | None = Field(
        default=None,
        alias="for",
        description="CEL over service: it looks at each of policy/services.yaml where this is true",
    )
    probes: tuple[ProbeCall, ...] = Field(min_length=1, max_length=5, description="what is read")
    every: Brief = Field(default=parse("10s"), description="how often, at each service")
    firing: str = Field(description="CEL over the probes and service: true = trouble")
    resolved: str | None = Field(
        default=None,
        description="CEL that must be true before an alert is over; else `firing` must be false",
    )
    times: int = Field(default=1, ge=1, le=100, description="true so many looks in a row")
    sustain: Duration = Field(default=parse("30s"), description="true this long before it fires")
    unreadable: int | None = Field(
        default=None,
        ge=2,
        le=1000,
        description="so many looks in a row that see nothing raise the alert DetectorBlind",
    )
    alert: Raised = Field(description="the alert that it raises")
    tests: tuple[DetectorTest, ...] = Field(
        default=(), description="golden tests: `heal runbooks test`"
    )

    @property
    def systems(self) -> frozenset[str]:
        """What it speaks to: the first words of its probes."""
        return frozenset(call.probe.partition(".")[0] for call in self.probes)
