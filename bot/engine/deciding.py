"""Deciding: what a letter's no amounts to, and whether a yes still holds when it can be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.core import difference, facts
from bot.core.approval import Ending
from bot.core.facts import Asked, Cancelling, Decided, Edited, Planned, Rebuilt
from bot.core.lifecycle import Event
from bot.core.lookout import why_over
from bot.core.policy.verdict import Ruling
from bot.engine import escalating, planning
from bot.engine.recording import Story

ENDINGS: dict[Ending, tuple[Event, str]] = {
    Ending.REJECTED: (Event.APPROVAL_REFUSED, "rejected: nothing was executed"),
    Ending.EXPIRED: (Event.APPROVAL_EXPIRED, "approval timed out: nothing was executed"),
    Ending.WITHDRAWN: (Event.ALERT_CLEARED, "the alert cleared by itself: nothing was executed"),
    Ending.CANCELLED: (Event.CANCELLED, "cancelled: nothing was executed"),
    Ending.PAUSED: (Event.TAKEN_OVER, "paused to investigate by hand: nothing was executed"),
    Ending.REFUSED: (Event.POLICY_DENIED, "nobody could approve it: nothing was executed"),
    Ending.STOPPED: (Event.CANCELLED, "Heal was stopped: nothing was executed"),
}


async def ended(story: Story, planned: Planned, decided: Decided) -> None:
    """A no is an answer; who pauses takes over; that nobody answered calls somebody."""
    event, says = ENDINGS[decided.ending]
    if decided.ending is Ending.EXPIRED:
        return await escalating.hand_over(story, event, f"nobody decided: {says}", planned.plan)
    if decided.ending is Ending.PAUSED:
        return await escalating.hand_over(story, event, says, planned.plan, decided.by[0])
    if decided.ending is Ending.WITHDRAWN and (because := why_over(story.incident.alerts.values())):
        return await escalating.close(story, event, f"{because}: nothing was executed")
    why = f" ({decided.why})" if decided.why else ""
    if decided.ending is Ending.REFUSED:
        return await escalating.hand_over(story, event, says + why, planned.plan)
    return await escalating.close(story, event, says + why)


async def hopeless(story: Story, asked: Asked, topic: str) -> None:
    """Nobody is kept waiting for a yes that nobody can give."""
    if asked.hopeless:
        now, name = story.world.clock.now(), story.life.incident
        decided = Decided(at=now, ending=Ending.REFUSED, why=asked.hopeless)
        await story.durable.signal(name, topic, decided.body, "heal", kind=decided.kind)


async def already_over(story: Story, topic: str) -> None:
    """It may have cleared, or been cancelled, before anybody would have said so on this topic."""
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


async def settled(story: Story, planned: Planned, letter: Decided | Edited) -> Rebuilt:
    """What has changed by the letter that ends a round: an edit moves the plan by itself."""
    if isinstance(letter, Decided):
        return await rebuilt(story, planned, letter)
    changes = tuple(f"{letter.by} changed {one}" for one in letter.changes)
    moved = Rebuilt(round=planned.round, digest=planned.digest, changes=changes)
    return await story.say(f"rebuild:{planned.round}", moved, hold=True)


async def rebuilt(story: Story, planned: Planned, decided: Decided | None) -> Rebuilt:
    """
    Build the plan again at the click: the yes holds only for what was shown.

    Without a decision its turn came: then a yes is as old as its wait, which has its own bound.
    """

    async def act() -> Rebuilt:
        now = await planning.build(story.world, story.incident, planned.round)
        changes = _changes(planned, now)
        age = story.world.clock.now() - decided.at if decided else timedelta()
        if age > timedelta(seconds=story.world.limits.approval_keeps):
            minutes = round(age.total_seconds() / 60)
            changes = (*changes, f"the approval was {minutes} min old when it could be used")
        waited = decided is None
        return Rebuilt(round=planned.round, digest=now.digest, changes=changes, waited=waited)

    key = "rebuild" if decided else "requeue"
    return await story.note(f"{key}:{planned.round}", Rebuilt, act, reads=True)


def _changes(shown: Planned, now: Planned) -> tuple[str, ...]:
    if now.healthy:
        return ("the success criteria hold by now",)
    if shown.plan is None or now.plan is None:
        return now.refused or ("no plan can be made any more",)
    overridden = bool(now.overrides) and set(now.overrides) <= set(shown.overrides)
    if (now.ruling is Ruling.DENY and not overridden) or now.ruling > shown.ruling:
        return tuple(v.reason for v in now.verdicts if v.ruling is now.ruling)
    if now.digest != shown.digest:
        return difference.difference(shown.plan, now.plan)
    return tuple(_stricter(shown, now))


def _stricter(shown: Planned, now: Planned) -> Iterator[str]:
    """What a rule says now that it did not say when people were asked, and a risk that rose."""
    said = {one.rule: one.ruling for one in shown.verdicts}
    yield from (v.reason for v in now.verdicts if v.ruling > said.get(v.rule, Ruling.ALLOW))
    if shown.risk and now.risk and now.risk.score > shown.risk.score:
        before, after = shown.risk, now.risk
        yield f"the risk rose from {before.level} ({before.score}) to {after.level} ({after.score})"
