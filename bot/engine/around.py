"""Around a target: whether its service is being deployed, as its check in services.yaml says."""

from __future__ import annotations

from bot.core.catalogue import Service
from bot.core.deployment import Deployment, Stage
from bot.core.expressions import ExpressionError
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
