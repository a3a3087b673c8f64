"""Comparing targets with the state they had before: the proof that a way back was gone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.core import redaction
from bot.core.errors import ActionError, AlreadyThere
from bot.core.facts import Reading, Verified
from bot.core.plan import PlannedStep
from bot.core.values import Facts
from bot.engine.world import World


async def compared(world: World, steps: Sequence[PlannedStep], *, back: bool) -> Verified:
    """Read every target again: passed when each is in the state it had before its step."""
    began = world.clock.monotonic()
    readings = [await _reading(world, step) for step in steps]
    wrong = [one for one in readings if one.error]
    return Verified(
        passed=not wrong,
        why="; ".join(one.error for one in wrong) or "every target is in the state it had before",
        checks=1,
        held=0,
        seconds=round(world.clock.monotonic() - began, 3),
        readings=tuple(readings),
        back=back,
    )


async def _reading(world: World, step: PlannedStep) -> Reading:
    action = world.plugins.action(step.action)
    name = f"step_{step.number}"
    wanted = _comparable(step, step.scope.pre_state)
    try:
        async with asyncio.timeout(world.limits.diagnose):
            scope = await action.scope(action.params.model_validate(step.params))
    except AlreadyThere as error:
        scope = error.scope
    except (TimeoutError, ActionError) as error:
        why = redaction.text(str(error)) or f"no answer in {world.limits.diagnose:g} s"
        return Reading(name=name, probe=step.action, error=f"it cannot be read: {why}")
    now = _comparable(step, scope.pre_state)
    seen = redaction.of_facts(now)
    if now == wanted:
        return Reading(name=name, probe=step.action, seen=seen)
    why = f"step {step.number} is {seen}, was {redaction.of_facts(wanted)}"
    return Reading(name=name, probe=step.action, seen=seen, error=why)


def _comparable(step: PlannedStep, state: Facts) -> Facts:
    """What a way back brings back: pods that were moved, for one, do not return."""
    return {key: value for key, value in state.items() if key not in step.scope.lasting}
