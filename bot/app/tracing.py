"""Traces of incidents that ended, where the settings name a collector of them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.app import sections
from bot.clients.traces import Traces, TracesSettings
from bot.core.errors import ActionError
from bot.core.facts import Closed
from bot.core.incident import Incident
from bot.core.links import Links
from bot.core.transcript import Entry
from bot.engine.world import World

if TYPE_CHECKING:
    from bot.app.companions import Joined

PAUSES = (1.0, 10.0, 60.0)
"""Seconds before another try; a trace that nobody took by then is given up: the ledger has all."""
CLOSED = Closed.model_fields["kind"].default
log = logging.getLogger(__name__)


async def begin(joined: Joined) -> None:
    """Tell each incident that ends from now on; ConfigurationError when a setting is wrong."""
    settings = sections.read("traces", TracesSettings, joined.sections)
    if settings.url:
        follow(joined.world, Traces(settings, joined.client), joined.engine.links)


def follow(world: World, traces: Traces, links: Links) -> None:
    """Tell what ends; nothing waits for it, and nothing comes of it but a line in the log."""

    async def tell(incident: Incident) -> None:
        for pause in (*PAUSES, None):
            try:
                await traces.tell(incident, links.page(incident.id))
            except ActionError as error:
                if pause is None:
                    log.warning("no trace of %s was told: %s", incident.id, error)
                    return
                await world.clock.sleep(pause)
            else:
                return

    def heard(incident: Incident, entry: Entry) -> None:
        if entry.kind == CLOSED and incident.quiet is None:
            world.tasks.start(tell(incident), name=f"tell the trace of {incident.id}")

    world.cases.subscribe(heard)
