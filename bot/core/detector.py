"""Detector: a probe on a schedule that raises and resolves an alert of its own."""

from __future__ import annotations

from pydantic import Field

from bot.core.alert import Severity
from bot.core.clauses import Brief, Clause, ProbeCall
from bot.core.durations import Duration, parse


class Raised(Clause):
    """The alert that it raises; labels must name the service and its environment."""

    name: str = Field(min_length=1, max_length=200, description="name of the alert: ServiceDown")
    severity: Severity = Field(default=Severity.WARNING, description="info, warning or critical")
    service: str = Field(description="a service of policy/services.yaml")
    environment: str = Field(description="its environment")
    summary: str = Field(min_length=5, max_length=200, description="one sentence for people")


class Detector(Clause):
    """No monitoring system needed: Heal itself looks, and is as strict as with anybody's alert."""

    detector: str = Field(pattern=r"^[a-z][a-z0-9-]{2,62}$", description="same as the file's name")
    probes: tuple[ProbeCall, ...] = Field(min_length=1, max_length=5, description="what is read")
    every: Brief = Field(default=parse("10s"), description="how often")
    firing: str = Field(description="CEL over the probes and service: true = trouble")
    times: int = Field(default=1, ge=1, le=100, description="true so many looks in a row")
    sustain: Duration = Field(default=parse("30s"), description="true this long before it fires")
    alert: Raised = Field(description="the alert that it raises")
