"""Measuring: at a scrape every figure is read where it is kept; nothing is booked twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.metadata import version

from bot import ports
from bot.core.lifecycle import ENDS, State
from bot.engine import healing
from bot.engine.arrivals import Arrivals
from bot.engine.receiving import ROOM
from bot.engine.world import World
from bot.slack import pacing
from bot.slack.sending import Method
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.telemetry import metrics
from bot.telemetry.counting import Counting
from bot.telemetry.metrics import Figure, Metrics, Values
from bot.telemetry.stalls import SEEN

NONE: tuple[str, ...] = ()


class Measuring:
    """Knows where each figure is kept; subscribes to the casebook for those of what happens."""

    def __init__(
        self,
        world: World,
        orders: ports.Orders,
        inbox: Inbox,
        outbox: Outbox,
        arrivals: Arrivals,
    ) -> None:
        self.metrics = Metrics()
        self._clock = world.clock
        self._cases = world.cases
        self._orders = orders
        self._inbox = inbox
        self._outbox = outbox
        self._arrivals = arrivals
        self._version = version("heal-bot")
        self._counting = Counting(self.metrics.took)
        self._cases.subscribe(self._counting.told)
        self.more: list[Callable[[], Values]] = []
        """The figures of companions; those that are not there count nothing."""

    async def text(self) -> bytes:
        """All figures as they stand now, as Prometheus reads them; StoreUnavailable as ever."""
        return self.metrics.text(await self.values())

    async def values(self) -> Values:
        """Read them."""
        pending = await self._outbox.pending()
        values: dict[Figure, Mapping[tuple[str, ...], float]] = {
            metrics.MESSAGES: self._arrivals.messages,
            metrics.ALERTS: {(name,): count for name, count in self._arrivals.alerts.items()},
            metrics.RECORDED: self._counting.recorded,
            metrics.INBOX: {(room,): count for room, count in self._rooms().items()},
            metrics.OLDEST: {NONE: self._since(await self._inbox.oldest())},
            metrics.PLANS: self._counting.plans,
            metrics.STOPPED: self._counting.stopped,
            metrics.RUNS: self._counting.runs,
            metrics.APPROVALS: self._counting.approvals,
            metrics.STEPS: self._counting.steps,
            metrics.VERIFICATIONS: self._counting.verifications,
            metrics.EXHIBITS: self._counting.exhibits,
            metrics.OUTBOX: {NONE: pending},
            metrics.OUTBOX_OLDEST: {NONE: self._since(await self._outbox.oldest())},
            metrics.LIMITED: {(method,): pacing.LIMITED[method] for method in Method},
            metrics.HALTED: {NONE: self._cases.standing().halted is not None},
            metrics.STORM: {NONE: bool(self._orders.storm())},
            metrics.STALLS: {NONE: SEEN.count},
            metrics.STALLED: {NONE: SEEN.seconds},
            metrics.BUILD: {(self._version, healing.WORKFLOW): 1},
            metrics.SIGNED: {NONE: 0},
            metrics.BEHIND: {},
            metrics.UNTOLD: {},
            metrics.TOLD: {},
            metrics.GIVEN_UP: {},
            **self._incidents(),
        }
        for told in self.more:
            values |= told()
        return values

    def _since(self, first: datetime | None) -> float:
        """How many seconds that is ago; 0 when it never was."""
        return (self._clock.now() - first).total_seconds() if first else 0

    def _rooms(self) -> Mapping[str, int]:
        """What waits in each; where nothing does any more stands a 0."""
        known = {f"{ROOM}{name}": 0 for name in self._arrivals.alerts}
        return {**known, **self._inbox.waiting()}

    def _incidents(self) -> Mapping[metrics.Figure, Mapping[tuple[str, ...], float]]:
        """How many stand where, and who waits its turn."""
        known = self._cases.open()
        states = Counter(one.state for one in known)
        since = [one.queued.at for one in known if one.queued and one.state is State.QUEUED]
        longest = (self._clock.now() - min(since)).total_seconds() if since else 0
        return {
            metrics.OPEN: {(state.value,): states[state] for state in State if state not in ENDS},
            metrics.WAITING: {NONE: len(since)},
            metrics.LONGEST: {NONE: longest},
        }
