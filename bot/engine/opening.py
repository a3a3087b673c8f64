"""Opening: what an incident begins with when an alert opens it."""

from __future__ import annotations

from bot.core.alert import Alert
from bot.core.facts import Opened
from bot.engine.healing import WORKFLOW
from bot.engine.world import World

TITLE = 150


def of(world: World, alert: Alert, relapse_of: str = "") -> Opened:
    """What opens an incident for an alert now."""
    last = world.cases.latest(alert)
    return Opened(
        workflow=WORKFLOW,
        service=alert.service,
        environment=alert.environment,
        title=alert.summary[:TITLE],
        channel=alert.thread.channel if alert.thread else world.channel,
        thread=alert.thread.root if alert.thread else "",
        alert=alert,
        relapse_of=relapse_of,
        fired=last.fired if last else (),
    )
