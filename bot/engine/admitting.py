"""Admitting: who may post, and how much; what is turned away is counted, said and recorded."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot import ports
from bot.core import redaction, spelling
from bot.core.errors import AlertRejected, TooFast
from bot.core.posted import Posted, Receipt
from bot.engine import reporting
from bot.engine.arrivals import Arrivals, Outcome
from bot.engine.world import World

OUTCOMES = {401: Outcome.UNAUTHENTIC, 408: Outcome.TOO_SLOW, 413: Outcome.TOO_LARGE}
"""What is counted of a message that was turned away with this status; any other is malformed."""
REASONS = 100
"""So many different refusals are recorded in a minute: a stranger's words may be one of them."""
log = logging.getLogger(__name__)


class Admitting:
    """Stands at every door; `doors` are the sources that are open."""

    def __init__(self, world: World, doors: Mapping[str, ports.Source], arrivals: Arrivals) -> None:
        self._world = world
        self._doors = doors
        self._arrivals = arrivals
        self._minute = ""
        self._reported: set[tuple[str, str]] = set()

    async def admitted(self, name: str, posted: Posted) -> ports.Source:
        """
        Return the source that it is from; AlertRejected says why it may not come in.

        Only what is authentic counts for the quota: no stranger can use it up.
        """
        source = self._doors.get(name)
        if source is None:
            known = ", ".join(sorted(self._doors)) or "none"
            said = f"no source is called {spelling.quoted(name)} here: open are {known}"
            raise AlertRejected(said, 404)
        if why := await source.authentic(posted):
            await self._report(name, why)
            raise AlertRejected("not authentic: send the secret of this source", 401)
        if wait := self._arrivals.wait(name, source.quota):
            why = f"more than {source.quota} messages came within a minute"
            await self._report(name, why)
            raise TooFast(f"{why}: send it again in {wait} s", source.later, wait)
        return source

    def kept(self, name: str, receipt: Receipt) -> None:
        """Count one that is acknowledged."""
        outcome = Outcome.DUPLICATE if receipt.again else Outcome.ACCEPTED
        outcome = Outcome.GREETED if receipt.greeted else outcome
        self._arrivals.note(name, outcome, receipt.accepted)

    def refused(self, name: str, peer: str, error: AlertRejected) -> None:
        """Count one that was turned away, and write a line; a flood of them fills no log."""
        if name in self._doors:
            known = OUTCOMES.get(error.status, Outcome.MALFORMED)
            self._arrivals.note(name, Outcome.THROTTLED if isinstance(error, TooFast) else known)
        if self._arrivals.loud():
            why, who = redaction.text(str(error)), peer or "an unknown address"
            said = spelling.quoted(name)
            log.warning("alerts/%s: refused %s: %d, %s", said, who, error.status, why)

    async def _report(self, name: str, why: str) -> None:
        """Record it once a minute; what a flood brings beyond that does not reach the ledger."""
        minute = f"{self._world.clock.now():%Y-%m-%dT%H:%M}"
        if minute != self._minute:
            self._minute, self._reported = minute, set()
        if (name, why) not in self._reported and len(self._reported) < REASONS:
            self._reported.add((name, why))
            await reporting.refused(self._world, f"alerts/{name}", why)
