"""Preceding: records that have to stand in other systems before anything is done."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.incident import Incident
from bot.engine.world import World

EVERY = 0.1
"""Seconds between two looks at what was recorded of them."""


async def awaited(world: World, name: str) -> None:
    """Wait until they stand, as long as a run may wait for what is outside, and no longer."""
    until = world.clock.monotonic() + world.limits.outside
    while (known := world.cases.get(name)) and [*missing(world, known)]:
        if world.clock.monotonic() >= until:
            return
        await world.clock.sleep(EVERY)


def missing(world: World, incident: Incident) -> Iterator[str]:
    """Those that do not stand, each with why if that is known."""
    for system, one in world.preceding.items():
        ticket = incident.tickets.get(system)
        if one.precedes(incident) and not (ticket and ticket.reference):
            why = f" ({ticket.missed[-1].why_not})" if ticket and ticket.missed else ""
            yield f"{system} has no record of it yet{why}"
