"""Diagnosing: evidence that is read, and shown at once, before anybody is asked for anything."""

from __future__ import annotations

import asyncio

from bot.core.clauses import ProbeCall
from bot.core.facts import Diagnosed, Reading
from bot.core.incident import Incident
from bot.engine import filling, reading
from bot.engine.recording import Story
from bot.engine.world import World


async def diagnose(story: Story) -> Diagnosed:
    """Note what the runbook's probes see now."""

    async def act() -> Diagnosed:
        return Diagnosed(readings=await evidence(story.world, story.incident))

    return await story.note("diagnose", Diagnosed, act)


async def evidence(world: World, incident: Incident) -> tuple[Reading, ...]:
    """Read the evidence of the chosen runbook; what cannot be read is said, never guessed."""
    library = world.library()
    runbook = library.runbook(incident.chosen.runbook) if incident.chosen else None
    if runbook is None:
        return ()
    filled = filling.fill(library, incident, runbook)
    return tuple(await asyncio.gather(*(_read(world, filled, call) for call in runbook.diagnose)))


async def _read(world: World, filled: filling.Filled, call: ProbeCall) -> Reading:
    probes, why = filling.probes_or_reason(filled, (call,))
    if not probes:
        return Reading(name=call.name, probe=call.probe, error=why)
    return await reading.read(world.plugins, probes[0], world.limits.diagnose)
