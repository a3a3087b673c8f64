"""Stopping at safe points: the kill switch, a person's cancel, the end of a run's time."""

from __future__ import annotations

from datetime import timedelta

from bot.core import facts
from bot.core.facts import Cancelling
from bot.engine.recording import Story


async def why(story: Story) -> str:
    """Why nothing more may begin now; empty = go on."""
    return await asked(story) or overdue(story)


async def asked(story: Story) -> str:
    """Why people want nothing more to begin: the kill switch, or a cancel; empty = go on."""
    if halted := story.world.cases.halted():
        return f"Heal was stopped by {halted.by}: {halted.why}"
    return await cancelled(story)


async def cancelled(story: Story) -> str:
    body = await story.life.peek("cancel")
    letter = facts.read(body) if body is not None else None
    return f"cancelled by {letter.by}: {letter.why}" if isinstance(letter, Cancelling) else ""


def overdue(story: Story) -> str:
    """Why a run that nobody stopped may not go on; empty while it has time left."""
    began, total = story.incident.started_at, timedelta(seconds=story.world.limits.total)
    if began and story.world.clock.now() - began > total:
        return f"the run took longer than {total.total_seconds():g} s"
    return ""
