"""Agreeing on a plan: shown, judged, asked for, and built again at the click before it counts."""

from __future__ import annotations

from datetime import timedelta

from bot.core import approval, difference, facts
from bot.core.approval import Ending
from bot.core.facts import Allowed, Asked, Cancelling, Decided, Planned, Rebuilt
from bot.core.lifecycle import Event
from bot.core.plan import Plan
from bot.core.policy.verdict import Ruling
from bot.engine import escalating, judging, permitted, planning, reminding, showing
from bot.engine.recording import Story

ENDINGS: dict[Ending, tuple[Event, str]] = {
    Ending.REJECTED: (Event.APPROVAL_REFUSED, "rejected: nothing was executed"),
    Ending.EXPIRED: (Event.APPROVAL_EXPIRED, "approval timed out: nothing was executed"),
    Ending.WITHDRAWN: (Event.ALERT_CLEARED, "the alert cleared by itself: nothing was executed"),
    Ending.CANCELLED: (Event.CANCELLED, "cancelled: nothing was executed"),
    Ending.PAUSED: (Event.TAKEN_OVER, "paused to investigate by hand: nothing was executed"),
    Ending.STOPPED: (Event.CANCELLED, "Heal was stopped: nothing was executed"),
}


async def agree(story: Story) -> Plan | None:
    """Return the plan that may run, or None when the incident ended with a no and its reason."""
    round_, moved = 1, tuple[str, ...]()
    while True:
        planned = await planning.plan(story, round_, moved)
        if planned.plan is None or planned.healthy:
            await _without_plan(story, planned)
            return None
        if await showing.ends(story, planned):
            return None
        if planned.ruling is Ruling.DENY:
            await _denied(story, planned)
            return None
        if planned.ruling is Ruling.ALLOW:
            allowed = Allowed(round=round_, digest=planned.digest)
            await story.say(f"allow:{round_}", allowed, hold=True)
            return planned.plan
        decided = await ask(story, planned)
        if decided.ending is not Ending.APPROVED:
            await _ended(story, planned, decided)
            return None
        rebuilt = await _rebuild(story, planned, decided)
        if not rebuilt.changes:
            return planned.plan
        round_, moved = round_ + 1, rebuilt.changes


async def _ended(story: Story, planned: Planned, decided: Decided) -> None:
    """A no is an answer; who pauses takes over; that nobody answered calls somebody."""
    event, says = ENDINGS[decided.ending]
    if decided.ending is Ending.EXPIRED:
        return await escalating.hand_over(story, event, f"nobody decided: {says}", planned.plan)
    if decided.ending is Ending.PAUSED:
        return await escalating.hand_over(story, event, says, planned.plan, decided.by[0])
    why = f" ({decided.why})" if decided.why else ""
    return await escalating.close(story, event, says + why)


async def ask(story: Story, planned: Planned) -> Decided:
    """Ask people, and wait for the first decision that stands: theirs, or the deadline's."""
    topic = f"decision:{planned.round}"

    async def request() -> Asked:
        return Asked(request=judging.request(story.world, story.incident, planned))

    asked = await story.note(f"ask:{planned.round}", Asked, request)
    await _already_over(story, topic)
    await permitted.answer(story, planned, asked.request, topic)
    name = f"{story.life.incident} reminders"
    reminders = story.world.tasks.start(reminding.remind(story, asked.request), name=name)
    try:
        body = await story.life.receive(topic, asked.request.expires_at)
    finally:
        reminders.cancel()
    if body is None:
        return Decided(at=asked.request.expires_at, ending=Ending.EXPIRED)
    letter = facts.read(body)
    if not isinstance(letter, Decided):
        raise TypeError(f"{letter.kind} is not a decision")
    return letter


async def _already_over(story: Story, topic: str) -> None:
    """It may have cleared, or been cancelled, before the question, when no card was open."""
    async with story.world.taking(story.incident.trouble):
        now, body = story.world.clock.now(), await story.life.peek("cancel")
        letter = facts.read(body) if body is not None else None
        if isinstance(letter, Cancelling):
            decided = Decided(at=now, ending=Ending.CANCELLED, by=(letter.by,), why=letter.why)
        elif story.opened.alert is not None and not story.incident.fires:
            decided = Decided(at=now, ending=Ending.WITHDRAWN)
        else:
            return
        name = story.life.incident
        await story.durable.signal(name, topic, decided.body, "heal", kind=decided.kind)


async def _rebuild(story: Story, planned: Planned, decided: Decided) -> Rebuilt:
    """Build the plan again at the click: the yes holds only for what was shown."""

    async def act() -> Rebuilt:
        now = await planning.build(story.world, story.incident, planned.round)
        changes = _changes(planned, now)
        age = story.world.clock.now() - decided.at
        if age > timedelta(seconds=story.world.limits.approval_keeps):
            minutes = round(age.total_seconds() / 60)
            changes = (*changes, f"the approval was {minutes} min old when it could be used")
        return Rebuilt(round=planned.round, digest=now.digest, changes=changes)

    return await story.note(f"rebuild:{planned.round}", Rebuilt, act, reads=True)


def _changes(shown: Planned, now: Planned) -> tuple[str, ...]:
    if now.healthy:
        return ("the success criteria hold by now",)
    if shown.plan is None or now.plan is None:
        return now.refused or ("no plan can be made any more",)
    if now.ruling is Ruling.DENY:
        return tuple(v.reason for v in now.verdicts if v.ruling is Ruling.DENY)
    if now.digest != shown.digest:
        return difference.difference(shown.plan, now.plan)
    if shown.risk and now.risk and now.risk.score > shown.risk.score:
        before, after = shown.risk, now.risk
        return (
            f"the risk rose from {before.level} ({before.score}) to {after.level} ({after.score})",
        )
    return ()


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
    return await escalating.hand_over(
        story, Event.POLICY_DENIED, f"policy says no: {'; '.join(reasons)}", planned.plan
    )


def settled(request: approval.Request, votes: tuple[facts.Voted, ...]) -> Ending | None:
    """What the votes of the request's own round amount to."""
    return approval.weigh(request, (v.vote for v in votes if v.round == request.round))
