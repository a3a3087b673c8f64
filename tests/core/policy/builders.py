"""Cases that every rule allows, to be changed in the one thing that a test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.alert import Severity
from bot.core.blast_radius import BlastRadius, Target
from bot.core.catalogue import Service
from bot.core.clauses import ApprovedFor, Safety
from bot.core.lifecycle import State
from bot.core.plan import Criteria, Plan, PlannedStep, Reversibility, Scope
from bot.core.policy import timetable
from bot.core.policy.case import Case, Precondition
from bot.core.policy.history import Attempt
from bot.core.policy.holds import Holds
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.troubled import Troubled
from bot.core.risk import Level, Risk
from bot.core.standing import Standing

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
KEY = "host:web-1/unit:shop"
APPROVERS = {"high": {"groups": ["sre"]}}


def a_radius(down: int = 1, total: int = 4, key: str = KEY, **changes: Any) -> BlastRadius:
    target = Target(key=key, name=f"the target {key.rpartition('/')[2]}")
    given = {"targets": (target,), "unit": "pod", "touched": down, **changes}
    return BlastRadius(down_at_once=down, total=total, **given)


def a_step(radius: BlastRadius | None = None, **changes: Any) -> PlannedStep:
    scope = Scope(blast_radius=radius or a_radius(), pre_state={}, says="restart it")
    given = {
        "number": 1,
        "action": "kubernetes.restart",
        "params": {},
        "scope": scope,
        "reversibility": Reversibility.SELF_RESTORING,
        "timeout": 60,
    }
    return PlannedStep.model_validate({**given, **changes})


def a_plan(*steps: PlannedStep, **changes: Any) -> Plan:
    given = {
        "incident": "inc-9",
        "runbook": "restart-shop",
        "runbook_digest": "r",
        "policy_digest": "p",
        "title": "Restart the shop",
        "service": "shop",
        "environment": "staging",
        "params": {},
        "steps": steps or (a_step(),),
        "criteria": Criteria(probes=(), success="true", within=60, every=5, hold=10, relapse=1200),
    }
    return Plan.model_validate({**given, **changes})


def a_service(**changes: Any) -> Service:
    given = {"name": "shop", "environment": "staging", "owner": "team-shop", "tier": 2}
    return Service.model_validate({**given, "stateless": True, **changes})


def an_attempt(ago: timedelta, ended: State | None = State.RESOLVED, **changes: Any) -> Attempt:
    """Make an attempt of the same runbook on the same service and target, so long before NOW."""
    given = {
        "at": NOW - ago,
        "incident": "inc-1",
        "runbook": "restart-shop",
        "service": "shop",
        "environment": "staging",
        "targets": (KEY,),
        "ended": ended,
    }
    return Attempt.model_validate({**given, **changes})


def a_rulebook(**changes: Any) -> Rulebook:
    return Rulebook.model_validate({"approvers": APPROVERS, **changes})


def a_safety(**changes: Any) -> Safety:
    return Safety.model_validate({"unattended": True, **changes})


def a_case(**changes: Any) -> Case:
    """Make a case that runs unattended."""
    given = {
        "plan": a_plan(),
        "risk": Risk(level=Level.LOW, score=10, reasons=()),
        "rulebook": a_rulebook(),
        "now": NOW,
        "service": a_service(),
        "catalogue": (a_service(),),
        "dependants": (),
        "needed": (),
        "approved_for": (ApprovedFor(service="shop", environment="staging"),),
        "safety": a_safety(),
        "safe": Precondition(held=True),
        "attempts": (),
        "holds": Holds(),
        "queue": (),
        "troubled": Troubled(),
        "standing": Standing(),
        "timetable": None,
        "wished_by": "",
        "edited_by": (),
        "severity": Severity.WARNING,
        "unrecorded": (),
        "alert": "ServiceDown",
        "fired": (),
        "relapse_of": "",
    }
    made: dict[str, Any] = {**given, **changes}
    if made["timetable"] is None:
        made["timetable"] = timetable.expand(made["rulebook"], {}, timetable.day_of(made["now"]))
    return Case(**made)
