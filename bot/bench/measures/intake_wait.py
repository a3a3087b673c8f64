"""P2: how long an alert waits for its 202, at 50 and at 200 senders that never pause."""

from __future__ import annotations

from bot.bench import intakes
from bot.bench.measure import OURS, Goal, Measure, Sense

CLIENTS = (50, 200)


def _goal(clients: int) -> Goal:
    return Goal(
        f"p99, {clients} senders", "p99", Sense.AT_MOST, 3, 2,
        of=f"{OURS}, {clients}", over=f"{intakes.FLOOR}, {clients}", unit="ms",
    )  # fmt: skip


MEASURE = Measure(
    id="P2",
    what="intake latency",
    contestants={
        **{f"{OURS}, {clients}": intakes.ours(clients) for clients in CLIENTS},
        **{f"{intakes.FLOOR}, {clients}": intakes.floor(clients) for clients in CLIENTS},
    },
    goals=tuple(_goal(clients) for clients in CLIENTS),
)
