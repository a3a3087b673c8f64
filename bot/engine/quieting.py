"""Quieting: an alert that has not lasted yet, or of a service that people work on, waits unseen."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.core import facts, topics
from bot.core.approval import Ending
from bot.core.errors import StoreUnavailable
from bot.core.facts import Decided, GoesOn, Quiet, Quieted
from bot.core.lifecycle import Event
from bot.engine import deciding, escalating, passing_on, quiet_times
from bot.engine.recording import Story

LOOK_EVERY = 10.0
"""Seconds between two looks at whether people still work there."""


async def ends(story: Story) -> bool:
    """Wait until it may be seen; tell whether it ended meanwhile, and nobody ever saw it."""
    quiet = story.opened.quiet
    while quiet is not None:
        letter = await _over(story, quiet)
        if isinstance(letter, Decided):
            await _end(story, quiet, letter)
            return True
        async with story.world.taking(story.incident.trouble):
            merged = await passing_on.merges(story)
            quiet = None if merged else (await _next(story, quiet)).quiet
        if merged:
            says = f"its alerts go on in {merged}: nothing was executed"
            await escalating.close(story, Event.CANCELLED, says)
            return True
    return False


async def _next(story: Story, quiet: Quiet) -> Quieted:
    """People may have begun to work on it, or work on; else it is shown from now on."""

    async def act() -> Quieted:
        opened, number = story.opened, quiet.number + 1
        again = quiet_times.maintained(story.world, opened.service, opened.environment, number)
        return Quieted(quiet=again, why=quiet.why)

    return await story.note(f"quiet:{quiet.number}", Quieted, act)


async def _over(story: Story, quiet: Quiet) -> facts.AnyFact | None:
    """Wait for the first letter that stands; None when the time is up."""
    topic = topics.quiet(quiet.number)
    await deciding.already_over(story, topic)
    looking: asyncio.Task[None] | None = None
    if quiet.maintenance:
        name = f"{story.life.incident} is quiet"
        looking = story.world.tasks.start(_look(story, topic), name=name)
    try:
        body = await story.life.receive(topic, quiet.until)
    finally:
        if looking is not None:
            looking.cancel()
    return facts.read(body) if body is not None else None


async def _look(story: Story, topic: str) -> None:
    """Tell when people are done before their time: their calendar or the policy says so."""
    world, opened = story.world, story.opened
    while True:
        await world.clock.sleep(LOOK_EVERY)
        if quiet_times.maintained(world, opened.service, opened.environment) is None:
            letter = GoesOn()
            with suppress(StoreUnavailable):  # then it is told at the next look
                await story.durable.signal(
                    story.life.incident, topic, letter.body, "heal", kind=letter.kind
                )
                return


async def _end(story: Story, quiet: Quiet, decided: Decided) -> None:
    if decided.ending is Ending.WITHDRAWN:
        says = f"the alert cleared by itself before anybody was told: {quiet.why}"
        return await escalating.close(story, Event.ALERT_CLEARED, says)
    why = f" ({decided.why})" if decided.why else ""
    return await escalating.close(story, Event.CANCELLED, f"cancelled: nothing was executed{why}")
