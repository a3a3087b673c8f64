"""After it is healed: the change may go back by time or recovery, the alert may clear or return."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from bot.core import facts
from bot.core.errors import StoreUnavailable
from bot.core.facts import Kept, News, Recovered, Reverting, TakenBack
from bot.core.lifecycle import Event
from bot.core.lookout import why_over
from bot.core.plan import Plan
from bot.engine import escalating, filling, passing_on, reading, recording
from bot.engine.recording import Story

FOREVER = timedelta(days=365)
LOOK_EVERY = 10.0
"""Seconds between two looks at whether the original recovered."""


async def way_back(story: Story, plan: Plan, healed_at: datetime) -> Reverting | None:
    """Wait until it is kept, its time is up, the original recovers, or the alert comes back."""
    back = plan.way_back
    if not plan.can_go_back or (back.after is None and back.on_recovery is None):
        return None
    async with story.world.taking(story.incident.trouble):
        then = await passing_on.pass_on(story, "pass:healed")  # it may wait for days
    if then:
        await story.durable.start(then)
    deadline = healed_at + (timedelta(seconds=back.after) if back.after else FOREVER)
    watcher = (
        story.world.tasks.start(_watch(story, plan), name=f"{story.life.incident} recovery")
        if back.on_recovery
        else None
    )
    try:
        body = await story.life.receive("keep", deadline)
    finally:
        if watcher is not None:
            watcher.cancel()
    letter = facts.read(body) if body is not None else None
    if isinstance(letter, Kept):
        return None
    if isinstance(letter, News):
        why = f"the alert came back and is now {letter.again}"
        return Reverting(why=why, again=letter.again)
    why = letter.why if isinstance(letter, Recovered) else "its time is up and nobody kept it"
    return Reverting(why=why)


async def _watch(story: Story, plan: Plan) -> None:
    """
    Look until it is seen for long enough: one look that fails, and it begins anew.

    A look that breaks is logged by who supervises it, and is no end.
    """
    condition = plan.way_back.on_recovery or "false"
    since: float | None = None
    while True:
        await story.world.clock.sleep(LOOK_EVERY)
        looking = story.world.tasks.start(
            _recovered(story, plan, condition), name=f"{story.life.incident} look for recovery"
        )
        await asyncio.wait({looking})
        now = story.world.clock.monotonic()
        well = looking.exception() is None and looking.result()
        since = (now if since is None else since) if well else None
        if since is not None and now - since >= plan.way_back.hold:
            letter = Recovered(why=f"{condition} holds")
            with suppress(StoreUnavailable):  # then it is told at the next look
                await story.durable.signal(
                    story.life.incident, "keep", letter.body, "heal", kind=letter.kind
                )
                return


async def _recovered(story: Story, plan: Plan, condition: str) -> bool:
    readings = await reading.read_all(
        story.world.plugins, plan.way_back.probes, story.world.limits.diagnose
    )
    return filling.holds(condition, plan.names, readings).held


async def until_clear(story: Story, plan: Plan, healed_at: datetime) -> Reverting | None:
    """
    Resolved only when the sender agrees; a healed target under a firing alert wakes a person.

    When the alert comes back the change did not help, so what can go back goes back.
    """
    if story.opened.alert is None:
        if plan.undoes:
            await recording.record(
                story.world, plan.undoes, "taken_back", TakenBack(by=story.life.incident)
            )
        await escalating.close(story, Event.ALERT_CLEARED, "healed and verified")
        return None
    async with story.world.taking(story.incident.trouble):
        if not story.incident.fires:
            news, name = News(cleared=True), story.life.incident
            await story.durable.signal(name, "alert", news.body, "heal", kind=news.kind)
    window = timedelta(seconds=plan.criteria.relapse)
    body = await story.life.receive("alert", healed_at + window)
    letter = facts.read(body) if body is not None else News(cleared=not story.incident.fires)
    if isinstance(letter, News) and letter.cleared:
        because = why_over(story.incident.alerts.values()) or "the alert cleared"
        says = f"healed, verified, and {because}"
        await escalating.close(story, Event.ALERT_CLEARED, says)
        return None
    if isinstance(letter, News) and letter.again:
        why = f"the alert came back and is now {letter.again}"
        if plan.can_go_back:
            return Reverting(why=why, again=letter.again)
        await escalating.hand_over(story, Event.CAME_BACK, f"not fixed: {why}", plan)
        return None
    why = (
        f"the success criteria hold, but the alert still fires {window.total_seconds() / 60:.0f} "
        "min later: the criteria or the alert are wrong"
    )
    await escalating.hand_over(story, Event.GAVE_UP, why, plan)
    return None
