"""P1: alerts a second at 50 senders, answered with 202 when they are on disk."""

from __future__ import annotations

from bot.bench import intakes
from bot.bench.measure import OURS, Goal, Measure, Sense

CLIENTS = 50

MEASURE = Measure(
    id="P1",
    what="durable intake",
    contestants={OURS: intakes.ours(CLIENTS), intakes.FLOOR: intakes.floor(CLIENTS)},
    goals=(
        Goal(f"alerts a second, {CLIENTS} senders", "rate", Sense.AT_LEAST, 0.35, 0.6,
             over=intakes.FLOOR, unit="/s"),
    ),
)  # fmt: skip
