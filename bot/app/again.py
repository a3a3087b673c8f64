"""Again: an incident whose workflow could not go on is replayed, as soon as the ledger is there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from bot import ports
from bot.core.errors import StoreUnavailable
from bot.durable.journal import Journal

AFTER = 5.0
"""Seconds before an incident whose workflow could not go on is replayed."""
log = logging.getLogger(__name__)


async def live_on(
    journal: Callable[[], Journal], clock: ports.Clock, incident: str, error: BaseException
) -> None:
    """Say what kept an incident from going on, and let it go on as soon as it can."""
    log.error("it could not go on: %s", error, extra={"incident": incident})
    while True:
        await clock.sleep(AFTER)
        with suppress(StoreUnavailable):
            return await journal().start(incident)
