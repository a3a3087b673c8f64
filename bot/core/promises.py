"""Golden tests of a runbook: what its author promises it does with one alert."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from bot.core.alert import Severity
from bot.core.clauses import Clause, Scalar
from bot.core.values import Facts


class Approval(StrEnum):
    """What becomes of a plan before it runs."""

    UNATTENDED = "unattended"
    ASKED = "asked"
    REFUSED = "refused"


class StagedAlert(Clause):
    """The alert of a test; what is left out is ordinary."""

    name: str = Field(min_length=1, max_length=200, description="name of the alert")
    severity: Severity = Field(default=Severity.WARNING, description="info, warning or critical")
    confidence: float = Field(default=1.0, ge=0, le=1, description="how sure the sender is")
    labels: dict[str, str] = Field(default={}, description="service, environment and more")
    annotations: dict[str, str] = Field(default={}, description="summary and more")


class AssumedService(Clause):
    """What the test assumes of the service; stands in place of the catalogue's entry."""

    owner: str = Field(default="someone", min_length=1, description="who owns it")
    tier: int = Field(default=3, ge=1, le=5, description="1 to 5")
    stateless: bool = Field(default=False, description="may be restarted without losing anything")
    depends_on: tuple[str, ...] = Field(default=(), description="names of services")
    facts: dict[str, Scalar] = Field(default={}, description="what ${service.facts.x} reads")


class Expect(Clause):
    """What must come of it; what is left out is not looked at."""

    match: bool = Field(description="whether the runbook matches")
    because: str | None = Field(default=None, description="a piece of the reason that is given")
    parameters: dict[str, Scalar] = Field(default={}, description="values that must come out")
    steps: tuple[str, ...] | None = Field(
        default=None, description="the actions that are left, in order"
    )
    safe: bool | None = Field(default=None, description="whether safe_when holds")
    success: bool | None = Field(default=None, description="whether verify.success holds")
    then: bool | None = Field(
        default=None, description="whether what must hold after each of these steps holds"
    )
    approval: Approval | None = Field(default=None, description="unattended, asked or refused")


class RunbookTest(Clause):
    """One golden test, run by `heal runbooks test`."""

    name: str = Field(min_length=5, max_length=200, description="a sentence that should be true")
    alert: StagedAlert = Field(description="the alert that arrives")
    service: AssumedService | None = Field(
        default=None, description="facts of the service; without it, the catalogue's"
    )
    given: dict[str, Scalar] = Field(default={}, description="parameters as `/heal run` gives them")
    evidence: dict[str, Facts] = Field(
        default={}, description="what the probes read, by the name in `as`"
    )
    expect: Expect = Field(description="what must come of it")
