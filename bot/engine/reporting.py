"""Reporting what concerns the house: who was turned away, and what this version must not replay."""

from __future__ import annotations

import logging

from bot.core import facts, values
from bot.core.lifecycle import Event
from bot.engine import recording
from bot.engine.world import World

log = logging.getLogger(__name__)


async def refused(world: World, door: str, why: str) -> None:
    """Record that somebody knocked at a door and was turned away; a flood is one line a minute."""
    minute = f"{world.clock.now():%Y-%m-%dT%H:%M}"
    fact = facts.Refused(door=door, why=why[:500])
    key = f"refused:{door}:{values.digest(fact.why)[:16]}:{minute}"
    await recording.record(world, "", key, fact, "heal")


async def foreign(world: World, name: str) -> None:
    """A run that another version began, or wrote to: reported, never misread."""
    known = world.cases.get(name)
    what = f"was begun by workflow {known.opened.workflow}" if known else "holds unknown entries"
    why = (
        f"it {what}, which this version of Heal must not replay; "
        "look at what it has done, and finish it by hand"
    )
    log.error("incident %s: %s", name, why)
    escalated = facts.Escalated(to="oncall", why=why)
    await recording.record(world, name, "foreign", escalated)
    closed = facts.Closed(event=Event.GAVE_UP, says=why)
    await recording.record(world, name, "close", closed)
