"""Incidents that ask for the same on services of their own, and all that can tell them apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.core import facts
from bot.core.approval import Ending, Request
from bot.core.blast_radius import BlastRadius, Target
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.plan import Plan, Reversibility
from bot.core.policy.verdict import Ruling
from bot.core.risk import Level, Risk
from tests import builders
from tests.builders import START, Told

SERVICES = ("shop", "web", "cart", "search", "mail")
NAMES = ("inc-2aaaaa", "inc-3bbbbb", "inc-4ccccc", "inc-5ddddd", "inc-6eeeee")


def plan(name: str, service: str, size: int = 50, /, **changes: Any) -> Plan:
    """Restart the unit of a service; its address comes from the catalogue, the size does not."""
    url = f"http://{service}.example:8080"
    target = Target(key=f"host:{service}-1/unit:{service}", name=f"unit {service} on {service}-1")
    radius = BlastRadius(targets=(target,), touched=1, down_at_once=1, total=3)
    step = builders.a_step(
        params={"unit": service, "url": f"{url}/pool", "body": {"size": size}},
        scope=builders.a_scope(f"restart {service}", blast_radius=radius),
        reversibility=Reversibility.SELF_RESTORING,
    )
    made = builders.a_plan(
        incident=name,
        service=service,
        params={"unit": service, "size": size},
        names={"service": {"name": service, "facts": {"url": url, "unit": service}}},
        steps=(step,),
        because=(f"the alert is {service}Down",),
    )
    probe = made.criteria.probes[0].model_copy(update={"params": {"url": f"{url}/health"}})
    criteria = made.criteria.model_copy(update={"probes": (probe,)})
    return made.model_copy(update={"criteria": criteria, **changes})


def asking(
    number: int,
    *after: Fact | Told,
    size: int = 50,
    level: Level = Level.MEDIUM,
    at: datetime | None = None,
    planned: dict[str, Any] | None = None,
    opened: dict[str, Any] | None = None,
    hopeless: str = "",
    **request: Any,
) -> Incident:
    """The incident of this number, which asks; `planned`, `opened` and `request` differ."""
    name, service = NAMES[number], SERVICES[number]
    start = at or START + timedelta(seconds=10 * number)
    wanted = plan(name, service, size, **(planned or {}))
    asked = Request(
        round=1, plan_digest=wanted.digest, quorum=1, groups=("approvers",),
        expires_at=start + timedelta(minutes=10),
    ).model_copy(update=request)  # fmt: skip
    risk = Risk(level=level, score=35, reasons=("+35: so it is",))
    return builders.an_incident(
        builders.an_opening(service=service, **(opened or {})),
        facts.Chosen(runbook=wanted.runbook, because=wanted.because),
        facts.Diagnosed(readings=()),
        facts.Planned(round=1, plan=wanted, digest=wanted.digest, risk=risk, ruling=Ruling.ASK),
        facts.Asked(request=asked, hopeless=hopeless),
        *after,
        name=name,
        start=start,
    )


def decided(ending: Ending = Ending.APPROVED, by: str = "U0ANA", **more: Any) -> Told:
    return Told(facts.Decided(at=START, ending=ending, by=(by,), **more), by, 20)
