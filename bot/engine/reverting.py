"""Reverting: what was healed goes back on purpose, when the house may act and nobody is in it."""

from __future__ import annotations

from bot.core.facts import Reverting, Stepped
from bot.core.lifecycle import Event
from bot.core.plan import Plan
from bot.engine import escalating, rolling_back
from bot.engine.recording import Story

LOOK_EVERY = 5.0
"""Seconds between two looks at whether it may begin."""


async def revert(story: Story, plan: Plan, steps: tuple[Stepped, ...], wanted: Reverting) -> None:
    """Take it back, and call a person when that leaves any doubt or an alert that fires."""
    reverting = await _begin(story, plan, wanted)
    if reverting is None:
        return
    back = await rolling_back.roll_back(story, plan, steps)
    event = Event.ROLLED_BACK if back.clean else Event.GAVE_UP
    if reverting.again:
        why = f"it did not help: {reverting.why}; {back.says}"
        await escalating.hand_over(story, event, why, plan)
    elif not back.clean:
        await escalating.hand_over(story, event, back.says, plan)
    elif reverting.firing:
        why = f"{reverting.why}; {back.says}; but its alert still fires"
        await escalating.hand_over(story, event, why, plan)
    else:
        await escalating.close(story, Event.REVERTED, back.says)


async def _begin(story: Story, plan: Plan, wanted: Reverting) -> Reverting | None:
    """Note that it begins, as soon as it may; None when it must not any more."""
    while True:
        async with story.world.taking(story.incident.trouble):
            later = _changed_since(story, plan)
            if story.incident.reverting or not (later or _must_wait(story, plan)):
                _promise(story)
                firing = story.incident.fires
                return await story.say("revert", wanted.model_copy(update={"firing": firing}))
        if later:
            why = f"{wanted.why}, but {later} changed the same target since: nothing was put back"
            event = Event.CAME_BACK if wanted.again else Event.GAVE_UP
            await escalating.hand_over(story, event, why, plan)
            return None
        await story.world.clock.sleep(LOOK_EVERY)


def _promise(story: Story) -> None:
    """Hold its targets from now on: nobody else is judged before that is known."""
    known = story.incident
    if known.started and known.started_at:
        story.world.cases.runs.promise(known.id, known.started, known.started_at)


def _must_wait(story: Story, plan: Plan) -> bool:
    """After a stop nothing begins, and two runs never touch the same target at once."""
    holds, own = story.world.cases.runs.holds, story.incident.id
    held = any(holds.holder(target.key, but=own) for target in plan.targets)
    return story.world.cases.standing().halted is not None or held


def _changed_since(story: Story, plan: Plan) -> str:
    """The run that changed a target after this one; what it left must not be overwritten."""
    began, mine = story.incident.started_at, {target.key for target in plan.targets}
    others = (
        attempt.incident
        for attempt in story.world.cases.runs.on(mine)
        if began and attempt.at > began and not attempt.running
    )
    return next((name for name in others if name != story.incident.id), "")
