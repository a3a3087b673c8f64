"""What whoever is called may do next, as far as the record can tell; never a guess at the cause."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.facts import StepEnding
from bot.core.incident import Incident
from bot.core.ladder import Need

CLOSEST = 3
"""Runbooks at most that are named although they do not fit."""


def next_steps(incident: Incident) -> Iterator[str]:
    """Say each as one plain line; nothing before a person was called."""
    call = incident.escalated
    if call is None or call.need is None:
        return
    if call.say:
        yield call.say
    match call.need:
        case Need.FAILED:
            yield from _after_a_run(incident)
        case Need.NOVEL:
            yield from _without_a_runbook(incident)
        case Need.UNHEARD:
            yield "The plan was not carried out: Ask again on its card asks for it anew."
        case Need.REFUSED:
            yield f"Every rule and its reason: why {incident.id}."


def _after_a_run(incident: Incident) -> Iterator[str]:
    plan, back = incident.plan, incident.rolled_back
    if plan is None or not incident.ran:
        yield "Heal itself failed before anything was changed: its log says where."
        return
    where = ", ".join(target.name for target in plan.targets[:5])
    for step in incident.steps:
        if step.ending is StepEnding.UNKNOWN:
            yield f"Look whether step {step.number} was done: nobody knows ({step.says})."
    if back is None:
        yield f"What the run changed stands. To take it back: undo {incident.id}."
    elif back.clean:
        yield f"{where} is as before the run: look for a cause that {plan.runbook} does not mend."
    else:
        yield f"Look at {where} first: the way back failed, so it may be neither old nor new."


def _without_a_runbook(incident: Incident) -> Iterator[str]:
    misses = incident.chosen.misses if incident.chosen else ()
    close = "; ".join(f"{miss.runbook}: {miss.reason}" for miss in misses[:CLOSEST])
    if close:
        yield f"Runbooks that do not fit, and why: {close}."
    yield "When you know what helps, write it down as a runbook: then it is offered next time."
