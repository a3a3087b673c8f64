"""Running an approved plan: claim, act, record; stopping at safe points; never twice unknowing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from pydantic import BaseModel

from bot import ports
from bot.core import redaction
from bot.core.errors import PermanentError, TemporaryError, UncertainError
from bot.core.facts import Acted, Started, StepEnding, Stepped
from bot.core.lifecycle import Event
from bot.core.plan import OnUncertain, Plan, PlannedStep
from bot.engine import claiming, escalating, judging, preceding, stopping, verifying
from bot.engine.claiming import Claim
from bot.engine.recording import Story
from bot.ports import headway

LEAST = 1.0
"""Seconds that a step is given at least, once it may begin."""
AGAIN_AFTER = 1.0
"""Seconds until what may be done twice is done again after its end was not seen."""


async def begin(story: Story, plan: Plan) -> Started | None:
    """
    Take a slot and the targets, judged once more; None when it may not begin after all.

    Between judging and promising nobody else is judged, so each run counts those before it.
    """
    world = story.world

    async def act() -> Started:
        await preceding.awaited(world, story.life.incident)
        refused = judging.refusals(world, story.incident, plan)
        known, decided = story.incident.planned, story.incident.decided
        alert = story.opened.alert
        started = Started(
            run=story.incident.run,
            digest=known.digest if known and known.plan is plan else plan.digest,
            runbook=plan.runbook,
            service=plan.service,
            environment=plan.environment,
            targets=tuple(target.key for target in plan.targets),
            refused=refused,
            alert=alert.name if alert else "",
            permit=decided.permit.id if decided and decided.permit else "",
            overrides=known.overrides if known and not refused else (),
        )
        world.cases.queue.leave(story.life.incident)
        if not refused:
            world.cases.runs.promise(story.life.incident, started, world.clock.now())
        return started

    started = await story.note("begin", Started, act, hold=True)
    if not started.refused:
        return started
    why = f"it may not begin after all: {'; '.join(started.refused)}"
    await escalating.hand_over(story, Event.POLICY_DENIED, why, plan)
    return None


async def carry_out(story: Story, plan: Plan) -> tuple[Acted, tuple[Stepped, ...]]:
    """Carry out the steps in their order; stop at the first that fails or at a safe point."""
    steps: list[Stepped] = []
    failed = stopped = ""
    for step in plan.steps:
        claim = await claiming.claim(story, step, f"step:{step.number}", step.timeout)
        if claim.stop:
            stopped = claim.stop
            break
        ended = await _take(story, step, claim)
        steps.append(ended)
        if ended.stopped:
            stopped = ended.says
            break
        if not _may_go_on(ended, last=step is plan.steps[-1]):
            failed = f"step {step.number}: {ended.says}"
            break
        failed, stopped = await _stands(story, plan, step)
        if failed or stopped:
            break
    acted = await story.note("acted", Acted, lambda: _acted(story, failed, stopped))
    return acted, tuple(steps)


async def _stands(story: Story, plan: Plan, step: PlannedStep) -> tuple[str, str]:
    """Why no other step begins after this one: what it was to bring about failed, or a stop."""
    if step.then is None:
        return "", ""
    proof = await verifying.between(story, plan, step.number, step.then)
    if proof.stopped:
        return "", proof.why
    return "" if proof.passed else f"step {step.number} was done, but {proof.why}", ""


async def _acted(story: Story, failed: str, stopped: str) -> Acted:
    """
    Only what people stopped is cancelled: a run whose time was up did not help.

    A cancel during the last step is heard as well: nothing is verified yet.
    """
    cancelled = await stopping.cancelled(story)
    if failed or (stopped and not await stopping.asked(story)):
        return Acted(failed=failed or stopped)
    return Acted(cancelled=stopped or cancelled)


def _may_go_on(ended: Stepped, *, last: bool) -> bool:
    """After a step in doubt only the success criteria may speak, and only when it was the last."""
    if ended.ending is StepEnding.UNKNOWN:
        return last
    return ended.ending in {StepEnding.DONE, StepEnding.FOUND_DONE}


async def _take(story: Story, step: PlannedStep, claim: Claim) -> Stepped:
    """Do a step; how it ended is written down at once, with the next claim or the end of all."""

    async def act() -> Stepped:
        clock = story.world.clock
        began = clock.monotonic()
        try:
            stopped, (ending, says) = False, await _effect(story, step, claim)
        except _StoppedError as error:
            stopped, ending, says = True, error.ending, str(error)
        return Stepped(
            number=step.number,
            ending=ending,
            says=says,
            uncertain=claim.uncertain,
            stopped=stopped,
            seconds=round(clock.monotonic() - began, 3),
        )

    hold = step.then is None  # else the world is read for a while before the next claim
    return await story.note(f"step:{step.number}", Stepped, act, hold=hold)


async def _effect(story: Story, step: PlannedStep, claim: Claim) -> tuple[StepEnding, str]:
    action = story.world.plugins.action(step.action)
    params = action.params.model_validate(step.params)
    if claim.uncertain:
        found = await _in_doubt(story, action, params, step)
        if found is not None:
            return found
    do, tried = action.undo if step.back else action.execute, claim.uncertain and _repeatable(step)

    async def once() -> str:
        """The claim may be old by now, and every try is a beginning: a stop counts up to here."""
        nonlocal tried
        if why := await stopping.why(story) or _late(story, step, claim):
            raise _StoppedError(why, tried=tried)
        tried = True
        return await do(params, step.scope.pre_state, mark(story, step))

    left = max(LEAST, stopping.left(story, story.world.limits.act))
    within = min(step.timeout, left, max(LEAST, story.life.left(claim.began, step.timeout)))
    twice = _repeatable(step)
    ending, says = await attempt(story, within, once, repeatable=twice)
    if ending is StepEnding.UNKNOWN and await _landed(story, action, params, step):
        return StepEnding.FOUND_DONE, f"found done: {says}"
    return ending, says


def _late(story: Story, step: PlannedStep, claim: Claim) -> str:
    """Why it may not begin any more: another replica could take it to be over before it is."""
    if story.life.left(claim.began, step.timeout) >= min(LEAST, step.timeout):
        return ""
    return "it could not begin in the time that it was claimed for"


def mark(story: Story, step: PlannedStep) -> str:
    """The name of one step of one incident: the same for every try and in every life."""
    return f"{story.life.incident}:{step.number}"


class _StoppedError(Exception):
    """Why nothing more may begin; caught in this module."""

    def __init__(self, why: str, *, tried: bool) -> None:
        super().__init__(f"not tried again: {why}" if tried else why)
        self.ending = StepEnding.FAILED if tried else StepEnding.SKIPPED


def _repeatable(step: PlannedStep) -> bool:
    """Done twice it is as if done once, so an earlier life's try is simply repeated."""
    return step.on_uncertain is OnUncertain.REDO or step.back


async def _in_doubt(
    story: Story, action: ports.Action, params: BaseModel, step: PlannedStep
) -> tuple[StepEnding, str] | None:
    """An earlier life may have begun it: None means that it may be done (again) now."""
    if _repeatable(step):
        return None
    landed = await _landed(story, action, params, step)
    if landed is None:
        return StepEnding.UNKNOWN, (
            "Heal was restarted while this step was being done; nobody can tell whether it was, "
            "so it was not repeated"
        )
    if landed:
        return StepEnding.FOUND_DONE, "found done: Heal was restarted just after it took effect"
    return None


async def _landed(
    story: Story, action: ports.Action, params: BaseModel, step: PlannedStep
) -> bool | None:
    """Ask the world whether it was done; None when it cannot tell, or may not be asked."""
    if step.on_uncertain is not OnUncertain.PROBE:
        return None
    try:
        async with asyncio.timeout(step.timeout):
            return await action.landed(params, step.scope.pre_state, mark(story, step))
    except (TimeoutError, PermanentError, TemporaryError):
        return None


async def attempt(
    story: Story, within: float, do: Callable[[], Awaitable[str]], *, repeatable: bool
) -> tuple[StepEnding, str]:
    """
    Call the world, again when it says that trying again is safe, until the time is up.

    What was begun and not seen to its end is tried again only when it is `repeatable`.
    """
    clock = story.world.clock
    last = "no answer"
    try:
        with story.world.cases.underway.followed(story.life.incident, clock):
            async with asyncio.timeout(within):
                while True:
                    try:
                        async with story.life.acting():
                            return StepEnding.DONE, redaction.text(await do())
                    except TemporaryError as error:
                        last, wait = redaction.text(str(error)), error.retry_after
                        headway.say(last)
                    except UncertainError as error:
                        last, wait = redaction.text(str(error)), AGAIN_AFTER
                        if not repeatable:
                            return StepEnding.UNKNOWN, last
                    await clock.sleep(wait)
    except TimeoutError:
        return StepEnding.FAILED, f"not done within {within:g} s: {last}"
    except PermanentError as error:
        return StepEnding.FAILED, redaction.text(str(error))
