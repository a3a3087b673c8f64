"""Around a target: whether its service is being deployed, and whether a ticket is against it."""

from __future__ import annotations

import asyncio

from bot import ports
from bot.core import redaction
from bot.core.catalogue import Service
from bot.core.deployment import Deployment, Stage
from bot.core.errors import ActionError
from bot.core.expressions import ExpressionError
from bot.core.incident import Incident
from bot.core.objection import Objection
from bot.core.plan import PlannedProbe
from bot.engine import filling, reading
from bot.engine.world import World


async def deploying(world: World, service: Service | None) -> tuple[Deployment, ...]:
    """At most one; what cannot be read is said, and people are asked."""
    if service is None or service.deploying is None:
        return ()
    check, what = service.deploying, f"{service.name} in {service.environment}"
    names = reading.about(None, service, {})
    try:
        probes = [
            PlannedProbe(
                name=call.name, probe=call.probe, params=filling.render_map(call.params, names)
            )
            for call in check.probes
        ]
    except ExpressionError as error:
        return (Deployment(what=what, stage=Stage.UNREAD, says=str(error)),)
    readings = await reading.read_all(world.plugins, probes, world.limits.diagnose)
    found = filling.holds(check.when, names, readings)
    if found.held:
        return (Deployment(what=what, stage=Stage.UNDERWAY, says=f"{check.when} holds"),)
    if found.error:
        return (Deployment(what=what, stage=Stage.UNREAD, says=found.error),)
    return ()


async def objections(world: World, incident: Incident) -> tuple[Objection, ...]:
    """What the ticket systems say against acting now; what cannot be read is said too."""
    within = world.limits.outside
    asked = (_objection(*each, incident, within) for each in world.objectors.items())
    return tuple(filter(None, await asyncio.gather(*asked)))


async def _objection(
    system: str, asked: ports.Objector, incident: Incident, within: float
) -> Objection | None:
    ticket = incident.tickets.get(system)
    reference = ticket.reference if ticket else asked.concerns(incident) or ""
    try:
        async with asyncio.timeout(within):
            says = await asked.objects(incident, reference)
    except TimeoutError:
        return Objection(system=system, says=f"no answer within {within:g} s", unread=True)
    except ActionError as error:
        return Objection(system=system, says=redaction.text(str(error))[:300], unread=True)
    return Objection(system=system, says=redaction.text(says)) if says else None
