"""Agreeing on a plan: shown, judged, asked for, and built again at the click before it counts."""

from __future__ import annotations

from bot.core import facts, topics
from bot.core.approval import Ending
from bot.core.facts import Allowed, Asked, Decided, Edited, Planned
from bot.core.lifecycle import Event
from bot.core.plan import Plan
from bot.core.policy.verdict import Ruling
from bot.engine import (
    deciding,
    electing,
    escalating,
    judging,
    permitted,
    queueing,
    rounds,
    showing,
    waiting,
)
from bot.engine.recording import Story


async def agree(story: Story) -> Plan | None:
    """Return the plan that may run, or None when the incident ended with a no and its reason."""
    round_, moved = 1, tuple[str, ...]()
    shown: Planned | None = None
    while True:
        planned = await rounds.plan(story, round_, moved, shown)
        if planned.plan is None or planned.healthy:
            await _without_plan(story, planned)
            return None
        if await showing.ends(story, planned):
            return None
        if planned.ruling is Ruling.DENY and not planned.overrides:
            await _denied(story, planned)
            return None
        if planned.ruling is Ruling.ALLOW:
            allowed = Allowed(round=round_, digest=planned.digest)
            await story.say(f"allow:{round_}", allowed, hold=True)
            moved = ()
        else:
            letter = await ask(story, planned)
            if isinstance(letter, Decided) and letter.ending is not Ending.APPROVED:
                await deciding.ended(story, planned, letter)
                return None
            moved = (await deciding.settled(story, planned, letter)).changes
        if not moved:
            waited = await queueing.turn(story, planned, planned.plan)
            if not waited:
                return planned.plan if waited is not None else None
            moved = waited
        round_, shown = round_ + 1, planned
        if await waiting.ends(story, round_):
            return None


async def ask(story: Story, planned: Planned) -> Decided | Edited:
    """Ask people, and wait for the first letter that stands: theirs, or the deadline's."""
    topic = topics.decision(planned.round)

    async def request() -> Asked:
        wanted = judging.request(story.world, story.incident, planned)
        return await electing.foreseen(story.world, wanted)

    asked = await story.note(f"ask:{planned.round}", Asked, request)
    await deciding.already_over(story, topic)
    await permitted.answer(story, planned, asked.request, topic)
    await deciding.hopeless(story, asked, topic)
    body = await story.life.receive(topic, asked.request.expires_at, sleeps=True)
    if body is None:
        return Decided(at=asked.request.expires_at, ending=Ending.EXPIRED)
    letter = facts.read(body)
    if not isinstance(letter, Decided | Edited):
        raise TypeError(f"{letter.kind} is not a decision")
    return letter


async def _without_plan(story: Story, planned: Planned) -> None:
    if planned.healthy:
        says = "already healthy: the success criteria hold, nothing was executed"
        return await escalating.close(story, Event.WAS_HEALTHY, says)
    why = "; ".join(planned.refused)
    if planned.hands_to:
        to = "" if story.opened.wish else planned.hands_to
        return await escalating.hand_over(story, Event.NO_PLAN, why, to=to)
    if planned.moved:
        why = f"{'; '.join(planned.moved)}; {why}"
    return await escalating.hand_over(story, Event.NO_PLAN, f"no plan could be made: {why}")


async def _denied(story: Story, planned: Planned) -> None:
    reasons = [v.reason for v in planned.verdicts if v.ruling is Ruling.DENY]
    says = "break-glass does not reach this" if story.opened.glass else "policy says no"
    why = f"{says}: {'; '.join(reasons)}"
    return await escalating.hand_over(story, Event.POLICY_DENIED, why, planned.plan)
