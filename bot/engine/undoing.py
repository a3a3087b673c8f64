"""Undoing a healed run on request: a plan of its own, shown and asked for like any other."""

from __future__ import annotations

import asyncio

from bot.core import redaction
from bot.core.errors import ActionError, AlreadyThere
from bot.core.facts import StepEnding
from bot.core.incident import Incident
from bot.core.plan import Criteria, Plan, PlannedStep, Reversibility, Scope
from bot.engine.world import World

RESTORED = "every target is back in the state that it had before"


class NothingToUndo(Exception):  # noqa: N818 - a reason on its way to the card
    """The run cannot be taken back, and why."""


def reversible(earlier: Incident) -> tuple[PlannedStep, ...]:
    """The applied steps of a run that have something to put back, last one first."""
    plan = earlier.plan
    applied = {step.number for step in earlier.steps if step.applied}
    undone = {step.number for step in earlier.undone if step.ending is StepEnding.DONE}
    steps = plan.steps if plan else ()
    return tuple(
        step
        for step in reversed(steps)
        if step.number in applied - undone and step.reversibility is Reversibility.REVERSIBLE
    )


async def build(world: World, incident: Incident) -> Plan:
    """Plan the steps of the earlier run backwards, with the targets as they are now."""
    earlier = world.cases.get(incident.opened.undoes)
    if earlier is None or earlier.plan is None:
        raise NothingToUndo(f"{incident.opened.undoes} has no run to take back")
    steps = reversible(earlier)
    if not steps:
        raise NothingToUndo(f"nothing in the run of {earlier.id} can be put back")
    now = [await _scope(world, step) for step in steps]
    back = [_back(step, now[at], at + 1) for at, step in enumerate(steps)]
    old = earlier.plan
    by = incident.opened.wish.by if incident.opened.wish else "heal"
    return old.model_copy(
        update={
            "incident": incident.id,
            "policy_digest": world.library().policy_digest,
            "title": f"Take back: {old.title}",
            "steps": tuple(back),
            "criteria": Criteria(
                probes=(), success=RESTORED, within=30, every=1, hold=0, relapse=0
            ),
            "way_back": type(old.way_back)(),
            "because": (f"{by} asked", *map(_stands, back, now)),
            "undoes": earlier.id,
        }
    )


async def _scope(world: World, step: PlannedStep) -> Scope:
    action = world.plugins.action(step.action)
    params = action.params.model_validate(step.params)
    try:
        async with asyncio.timeout(world.limits.diagnose):
            return await action.scope(params)
    except AlreadyThere as error:
        return error.scope
    except (TimeoutError, ActionError) as error:
        raise NothingToUndo(f"{step.action}: its target cannot be read: {error}") from error


def _back(step: PlannedStep, now: Scope, number: int) -> PlannedStep:
    scope = now.model_copy(
        update={"says": step.scope.undo_says, "undo_says": "", "pre_state": step.scope.pre_state}
    )
    return step.model_copy(update={"number": number, "scope": scope, "back": True, "then": None})


def _stands(step: PlannedStep, now: Scope) -> str:
    """What would be overwritten; part of the plan, so that a change of it is asked about again."""
    return f"step {step.number} finds {redaction.of_facts(now.pre_state)}"
