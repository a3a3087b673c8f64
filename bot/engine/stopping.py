"""Stopping at safe points: the kill switch, a person's cancel, the end of a run's time."""

from __future__ import annotations

from bot.core import facts
from bot.core.facts import Cancelling
from bot.engine.recording import Story


async def why(story: Story) -> str:
    """Why nothing more may begin now; empty = go on."""
    return await asked(story) or overdue(story)


async def asked(story: Story) -> str:
    """Why people want nothing more to begin: the kill switch, or a cancel; empty = go on."""
    if halted := story.world.cases.standing().halted:
        return f"Heal was stopped by {halted.by}: {halted.why}"
    return _said(await story.life.peek("cancel"))


async def cancelled(story: Story) -> str:
    """Why somebody cancelled it in time: from now on everybody else is told that it is too late."""
    return _said(await story.life.shut("cancel"))


def _said(body: str | None) -> str:
    letter = facts.read(body) if body is not None else None
    return f"cancelled by {letter.by}: {letter.why}" if isinstance(letter, Cancelling) else ""


def overdue(story: Story) -> str:
    """Why no step of a run that nobody stopped may begin; empty while it has time left."""
    limits, passed = story.world.limits, _passed(story)
    if passed >= limits.total:
        return f"the run took longer than {limits.total:g} s"
    if passed >= limits.act:
        return f"the steps of the run took longer than {limits.act:g} s"
    return ""


def left(story: Story, limit: float) -> float:
    """Seconds of a run's time that are left; all of it before it began."""
    return limit - _passed(story)


def _passed(story: Story) -> float:
    began = story.incident.started_at
    return (story.world.clock.now() - began).total_seconds() if began else 0.0
