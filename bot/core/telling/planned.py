"""What machines are told of a plan, as JSON without secrets."""

from __future__ import annotations

from pydantic import JsonValue

from bot.core import chain, measure, redaction
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.plan import Plan, PlannedStep, Reversibility
from bot.core.policy.verdict import Ruling
from bot.core.values import Facts

DRY = "[DRY RUN] "
"""Stands before every action that is only shown, for people and for programs."""


def plan(incident: Incident) -> Facts:
    """The plan that stands: what would be done, why, and how it goes back; empty without one."""
    made, planned = incident.plan, incident.planned
    if made is None or planned is None:
        return {}
    told: Facts = {
        "id": plan_id(incident),
        "event": event(incident),
        "runbook": made.runbook,
        "actions": [_action(incident, step) for step in made.steps],
        "requiresApproval": planned.ruling is Ruling.ASK,
        "confidence": made.confidence,
        "estimatedRecoveryTime": round(made.estimate / 60, 2),
        "rollbackPlan": _rollback(incident, made),
        "timestamp": chain.stamp(incident.built_at) if incident.built_at else "",
        "risk": {"level": planned.risk.level, "score": planned.risk.score}
        if planned.risk
        else None,
        "policy": [
            {"rule": one.rule, "ruling": Ruling(one.ruling).name, "reason": one.reason}
            for one in planned.verdicts
        ],
        "success": made.criteria.success,
        "digest": planned.digest,
    }
    return redaction.of_facts(told)


def plan_id(incident: Incident) -> str:
    """The incident and the round of asking: the value of the buttons; empty without a plan."""
    return f"{incident.id}.{incident.planned.round}" if incident.planned else ""


def mark(incident: Incident) -> str:
    """What stands before its actions: whether they are only shown, and never carried out."""
    wish = incident.opened.wish
    only_shown = incident.state is State.DRY_RUN or (wish is not None and wish.dry_run)
    return DRY if only_shown else ""


def event(incident: Incident) -> Facts:
    """What it is about: the alert with what it measured, or what somebody asked for."""
    place: Facts = {"service": incident.service, "environment": incident.environment}
    alert, wish = incident.opened.alert, incident.opened.wish
    if alert is None:
        asked: Facts = {"asked_by": wish.by, "why": wish.why} if wish else {}
        return {"name": incident.opened.title, **place, **asked}
    measured = measure.of(alert)
    return {
        "name": alert.name,
        "source": alert.source,
        "severity": alert.severity,
        "summary": alert.summary,
        "link": alert.link,
        **place,
        **(measured.fields if measured else {}),
    }


def _action(incident: Incident, step: PlannedStep) -> Facts:
    radius = step.scope.blast_radius
    return {
        "number": step.number,
        "type": step.action,
        "parameters": step.params,
        "says": mark(incident) + step.scope.says,
        "targets": [target.key for target in radius.targets],
        "blastRadius": radius.line,
        "around": {**radius.seen},
        "reversibility": step.reversibility,
        "timeout": step.timeout,
        "then": step.then.success if step.then else None,
    }


def _rollback(incident: Incident, made: Plan) -> Facts:
    """The way back, last step first; inside an approved plan it needs no second yes."""
    back: list[JsonValue] = [
        {"number": step.number, "says": step.scope.undo_says}
        for step in reversed(made.steps)
        if step.reversibility is Reversibility.REVERSIBLE and not step.back
    ]
    return {
        "id": f"rollback-{plan_id(incident)}",
        "available": bool(back),
        "actions": back,
        "requiresApproval": False,
        "afterSeconds": made.way_back.after,
        "onRecovery": made.way_back.on_recovery,
    }
