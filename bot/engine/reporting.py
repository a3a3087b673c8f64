"""Reporting what concerns the house: who was turned away, and what this version must not replay."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.core import calling, facts, values
from bot.core.lifecycle import Event
from bot.engine import electing, escalating, recording
from bot.engine.world import World

log = logging.getLogger(__name__)


async def refused(world: World, door: str, why: str) -> None:
    """Record that somebody knocked at a door and was turned away; a flood is one line a minute."""
    minute = f"{world.clock.now():%Y-%m-%dT%H:%M}"
    fact = facts.Refused(door=door, why=why[:500])
    key = f"refused:{door}:{values.digest(fact.why)[:16]}:{minute}"
    await recording.record(world, "", key, fact, "heal")


async def hand_over(world: World, others: Sequence[str], unknown: Sequence[str]) -> None:
    """
    Give to people what a start found open and must not go on with.

    `others` are of another version, `unknown` were open in a backup that was put back.
    """
    for name in others:
        await foreign(world, name)
    for name in unknown:
        why = (
            "the ledger was put back from a backup that was made while this was open, so what "
            "became of it is not known: it may have run since then, wholly or in part; look at "
            "its service, then ask again if it is still needed"
        )
        await _left(world, name, "restored", why)


async def foreign(world: World, name: str) -> None:
    """A run that another version began, or wrote to: reported, never misread."""
    known = world.cases.get(name)
    what = f"was begun by workflow {known.opened.workflow}" if known else "holds unknown entries"
    why = (
        f"it {what}, which this version of Heal must not replay; "
        "look at what it has done, and finish it by hand, or ask again if it is still needed"
    )
    await _left(world, name, "foreign", why)


async def _left(world: World, name: str, key: str, why: str) -> None:
    """Call a person, and end it: whoever asks for it again gets a fresh plan."""
    known = world.cases.get(name)
    why += escalating.left(known) if known else ""
    log.error("incident %s: %s", name, why)
    calls = await electing.named(world, escalating.TO)
    escalated = facts.Escalated(to=escalating.TO, why=why, calls=calls, again=True)
    if known is not None:
        rules = world.library().rulebook
        escalated = calling.decided(known, Event.GAVE_UP, rules, escalated)
    await recording.record(world, name, key, escalated)
    await recording.record(world, name, "close", facts.Closed(event=Event.GAVE_UP, says=why))
