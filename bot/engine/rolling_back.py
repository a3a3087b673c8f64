"""Rolling back: the applied steps in reverse, each claimed and recorded, then proved."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.facts import RolledBack, StepEnding, Stepped, Verified
from bot.core.plan import Plan, PlannedStep, Reversibility
from bot.engine import claiming, restoring, running
from bot.engine.claiming import Claim
from bot.engine.recording import Story

TRIES_FOR = 60.0
"""Seconds that a step's way back may take at least: a rollback deserves patience."""


async def roll_back(story: Story, plan: Plan, steps: Sequence[Stepped]) -> RolledBack:
    """Take back what was applied; honest when it did not work."""
    applied = {step.number for step in steps if step.applied}
    back = [step for step in reversed(plan.steps) if step.number in applied]
    undone = [await _undo(story, step) for step in back]
    reversible = [step for step in back if _can_be_undone(step)]
    proof = await _prove(story, plan, reversible)
    failed = [f"step {one.number}: {one.says}" for one in undone if one.ending is StepEnding.FAILED]
    if proof is not None and not proof.passed:
        failed.append(proof.why)
    failed += [
        f"step {step.number} cannot be taken back: {step.scope.says}"
        for step in back
        if step.reversibility is Reversibility.IRREVERSIBLE
    ]
    return await story.say(
        "rolled_back", RolledBack(clean=not failed, says=_says(failed, reversible, back))
    )


def _says(
    failed: Sequence[str], reversible: Sequence[PlannedStep], back: Sequence[PlannedStep]
) -> str:
    if failed:
        return f"the rollback FAILED: {'; '.join(failed)}"
    if reversible:
        return f"rolled back: {'; '.join(step.scope.undo_says for step in reversible)}"
    if back:
        return "nothing to roll back: what was done has no state to restore"
    return "nothing to roll back: nothing was done"


def _can_be_undone(step: PlannedStep) -> bool:
    return step.reversibility is Reversibility.REVERSIBLE and not step.back


async def _undo(story: Story, step: PlannedStep) -> Stepped:
    key = f"undo:{step.number}"
    if not _can_be_undone(step):
        says = f"nothing to put back: it is {step.reversibility}"
        return await story.say(
            key, Stepped(number=step.number, back=True, ending=StepEnding.SKIPPED, says=says)
        )
    claim = await claiming.claim(story, step, key, _within(step), back=True)
    return await story.note(key, Stepped, lambda: _effect(story, step, claim))


async def _effect(story: Story, step: PlannedStep, claim: Claim) -> Stepped:
    """Putting the old state back twice is the same as once, so doubt is no obstacle here."""
    clock = story.world.clock
    began = clock.monotonic()
    action = story.world.plugins.action(step.action)
    params = action.params.model_validate(step.params)
    ending, says = await running.attempt(
        story,
        _within(step),
        lambda: action.undo(params, step.scope.pre_state, running.mark(story, step)),
        repeatable=True,
    )
    return Stepped(
        number=step.number,
        back=True,
        ending=ending,
        says=says,
        uncertain=claim.uncertain,
        seconds=round(clock.monotonic() - began, 3),
    )


def _within(step: PlannedStep) -> float:
    return max(step.timeout, TRIES_FOR)


async def _prove(story: Story, plan: Plan, steps: Sequence[PlannedStep]) -> Verified | None:
    if not steps or not plan.way_back.verify:
        return None

    async def act() -> Verified:
        return await restoring.compared(story.world, steps, back=True)

    return await story.note("undo:verify", Verified, act, reads=True)
