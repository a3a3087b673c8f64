"""Opening: what an incident begins with when an alert opens it."""

from __future__ import annotations

from bot.core import causes
from bot.core.alert import Alert
from bot.core.facts import Opened
from bot.engine import quiet_times
from bot.engine.world import World

TITLE = 150


def of(
    world: World, alert: Alert, workflow: str, relapse_of: str = "", *, after: str = ""
) -> Opened:
    """What opens an incident for an alert now, to be lived by this version of the workflow."""
    last = world.cases.latest(alert)
    return Opened(
        workflow=workflow,
        service=alert.service,
        environment=alert.environment,
        title=alert.summary[:TITLE],
        channel=alert.thread.channel if alert.thread else world.channel,
        thread=alert.thread.root if alert.thread else "",
        alert=alert,
        relapse_of=relapse_of,
        cause=causes.of(alert, world.library()),
        quiet=quiet_times.at_first(world, alert, again=bool(relapse_of or after)),
        after=after,
        fired=last.fired if last else (),
    )


def key_of(alert: Alert) -> str:
    """Name what an incident was told of one alert: the same word twice is told once."""
    return f"alert:{alert.fingerprint}:{alert.starts_at.isoformat()}:{alert.status}"
