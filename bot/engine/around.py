"""Around a target: whether it is being deployed, whether a ticket is against it, whose it is."""

from __future__ import annotations

import asyncio

from bot import ports
from bot.core import redaction
from bot.core.catalogue import Service
from bot.core.cmdb import Entry
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


async def outside(world: World, incident: Incident, service: Service | None) -> dict[str, object]:
    """What other systems say that is shown with the plan, by its fields there; asked at once."""
    if service is None or not world.cmdbs:
        return {"objections": await objections(world, incident)}
    said, known = await asyncio.gather(objections(world, incident), entries(world, service))
    return {"objections": said, "cmdb": known}


async def entries(world: World, service: Service) -> tuple[Entry, ...]:
    """What each CMDB says of a service, or why that is not known."""
    asked = (_entry(*each, service, world.limits.cmdb) for each in world.cmdbs.items())
    return tuple(await asyncio.gather(*asked))


async def _entry(system: str, asked: ports.Cmdb, service: Service, within: float) -> Entry:
    try:
        async with asyncio.timeout(within):
            found = await asked.entry(service)
    except TimeoutError:
        return Entry(system=system, unknown=f"no answer within {within:g} s")
    except ActionError as error:
        return Entry(system=system, unknown=redaction.text(str(error))[:300])
    clean = (one.model_copy(update={"name": redaction.text(one.name)}) for one in found.dependants)
    texts = {name: redaction.text(getattr(found, name)) for name in ("owner", "environment")}
    return found.model_copy(update={**texts, "system": system, "dependants": tuple(clean)})


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
