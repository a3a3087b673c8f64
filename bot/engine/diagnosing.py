"""Diagnosing: evidence that is read, and shown before anybody is asked for anything."""

from __future__ import annotations

from bot.core.clauses import ProbeCall
from bot.core.facts import Diagnosed, Reading
from bot.engine import filling, reading
from bot.engine.filling import Filled
from bot.engine.recording import Story
from bot.engine.world import World

KIND = Diagnosed().kind


async def diagnose(story: Story) -> Diagnosed:
    """Note what the runbook's probes see now."""

    async def act() -> Diagnosed:
        library, known = story.world.library(), story.incident
        runbook = library.runbook(known.chosen.runbook) if known.chosen else None
        if runbook is None:
            return Diagnosed()
        filled = filling.fill(library, known, runbook)
        return Diagnosed(readings=await evidence(story.world, filled))

    return await story.note("diagnose", Diagnosed, act, hold=True, reads=True)


def just_now(story: Story) -> tuple[Reading, ...]:
    """The evidence that this life has read a moment ago, which is held and not recorded yet."""
    known = story.incident.evidence
    held = any(draft.kind == KIND for draft in story.life.held)
    return known.readings if known is not None and held else ()


async def evidence(
    world: World, filled: Filled, seen: tuple[Reading, ...] = ()
) -> tuple[Reading, ...]:
    """Read the evidence of a runbook; what cannot be read is said, never guessed."""
    if seen and [one.name for one in seen] == [one.name for one in filled.runbook.diagnose]:
        return seen
    return await reading.together([_read(world, filled, each) for each in filled.runbook.diagnose])


async def _read(world: World, filled: Filled, call: ProbeCall) -> Reading:
    probes, why = filling.probes_or_reason(filled, (call,))
    if not probes:
        return Reading(name=call.name, probe=call.probe, error=why)
    return await reading.read(world.plugins, probes[0], world.limits.diagnose)
