"""What machines are told of an incident: its run, its remedy, its record; JSON without secrets."""

from __future__ import annotations

from bot.core import chain, execution, measure, redaction
from bot.core.facts import StepEnding, Stepped
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.plan import Plan
from bot.core.telling import planned
from bot.core.telling.sentences import sentence
from bot.core.values import Facts

NOT_EXECUTED = "not executed"
RECOVERED, ENOUGH = 100, 80
"""Percent: every check held while success was watched; from where on it counts as recovered."""


def executed(incident: Incident) -> Facts:
    """How the run of the plan stands, in the seven words of execution.py; empty without a plan."""
    if incident.plan is None:
        return {}
    ended = incident.closed_at or incident.healed_at
    told: Facts = {
        "id": incident.run,
        "planId": planned.plan_id(incident),
        "status": execution.status(incident),
        "state": str(incident.state),
        "startTime": chain.stamp(incident.started_at) if incident.started_at else None,
        "endTime": chain.stamp(ended) if ended else None,
        "appliedActions": [
            _applied(incident.plan, step) for step in incident.steps if step.applied
        ],
        "error": _error(incident) or None,
    }
    return redaction.of_facts(told)


def remediation(incident: Incident) -> Facts:
    """What was done about it and whether it helped; empty when nothing was executed."""
    if not incident.ran or incident.plan is None:
        return {}
    verified = incident.verified
    done = [one for one in incident.steps if one.applied]
    told: Facts = {
        "action_taken": "; ".join(_says(incident.plan, one.number) for one in done) or "none",
        "result": result(incident),
        "verification": verified.why if verified else "not verified",
        "rollback_needed": bool(incident.rolled_back or incident.undone or _error(incident)),
        "logs": [sentence(one) for one in (*incident.steps, *incident.proofs, *incident.undone)],
    }
    return redaction.of_facts(told)


def result(incident: Incident) -> str:
    """
    success, failed, partial or not executed; a run that goes on is none of the first three.

    Partial: some of it was done and stands, and some of it was not.
    """
    if not incident.ran:
        return NOT_EXECUTED
    word = execution.status(incident)
    if word is execution.Status.SUCCESS and not incident.taken_back:
        return "success"
    if not incident.over:
        return "running"
    endings = {one.ending for one in incident.steps}
    stands = StepEnding.DONE in endings and not execution.put_back(incident)
    whole = len(incident.steps) == (len(incident.plan.steps) if incident.plan else 0)
    mixed = not whole or endings - {StepEnding.DONE, StepEnding.FOUND_DONE}
    return "partial" if stands and mixed else "failed"


def signal(incident: Incident) -> Facts:
    """The signal that it recovered; empty unless success was verified."""
    verified = incident.verified
    if verified is None or not verified.passed or incident.healed_at is None:
        return {}
    return {
        "event": "RECOVERY_SIGNAL",
        "incident": incident.id,
        "service": incident.service,
        "environment": incident.environment,
        "metric": "checks that held",
        "value": RECOVERED,
        "threshold": ENOUGH,
        "window": _window(verified.held),
        "trend": measure.Trend.STABLE,
        "unit": "%",
        "timestamp": chain.stamp(incident.healed_at),
    }


def record(incident: Incident) -> Facts:
    """All of an incident in one object; `duration` is seconds, from its opening to its end."""
    ended = incident.closed_at
    chosen = incident.chosen
    why = (incident.plan.because if incident.plan else ()) or (chosen.because if chosen else ())
    cause = (chosen.known,) if chosen and chosen.known else why
    alone = incident.state is State.RESOLVED and incident.ran and incident.decided is None
    told: Facts = {
        "id": incident.id,
        "title": incident.opened.title,
        "severity": incident.severity,
        "root_cause": "; ".join(cause) or "not known",
        "remediation": remediation(incident) or None,
        "result": result(incident),
        "duration": round((ended - incident.opened_at).total_seconds(), 3) if ended else None,
        "auto_resolved": alone and not incident.taken_back,
        "timestamp": chain.stamp(ended or incident.opened_at),
        "state": str(incident.state),
        "event": planned.event(incident),
        "plan": planned.plan(incident) or None,
        "execution": executed(incident) or None,
        "signals": [one for one in (signal(incident),) if one],
    }
    return redaction.of_facts(told)


def figures(incident: Incident) -> Facts:
    """What a system of figures is told of an incident that ended, as the documents name it."""
    told = record(incident)
    return {
        "incident_id": incident.id,
        **{name: told[name] for name in ("duration", "severity", "auto_resolved")},
    }


def _applied(made: Plan, step: Stepped) -> Facts:
    meant = next(one for one in made.steps if one.number == step.number)
    return {
        "number": step.number,
        "type": meant.action,
        "parameters": meant.params,
        "ending": step.ending,
        "says": step.says,
        "seconds": step.seconds,
    }


def _says(made: Plan, number: int) -> str:
    return next(one.scope.says for one in made.steps if one.number == number)


def _error(incident: Incident) -> str:
    """What went wrong, as far as it is known: before, during, after the run, or on its way back."""
    told = [*(incident.started.refused if incident.started else ())]
    if incident.acted:
        told.append(incident.acted.failed or incident.acted.cancelled)
    if incident.verified and not incident.verified.passed:
        told.append(incident.verified.why)
    if incident.rolled_back and not incident.rolled_back.clean:
        told.append(incident.rolled_back.says)
    if incident.escalated:
        told.append(incident.escalated.why)
    if incident.came_back:
        told.append(f"it came back as {incident.came_back.again}")
    kept = dict.fromkeys(one for one in told if one)
    return "; ".join(one for one in kept if not any(one in other for other in kept if other != one))


def _window(seconds: float) -> str:
    """
    How long it held, in the largest unit that says it whole.

    >>> _window(300), _window(30.02)
    ('5m', '30s')
    """
    whole = round(seconds)
    return f"{whole // 60}m" if whole and whole % 60 == 0 else f"{whole}s"
