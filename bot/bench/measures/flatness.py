"""P4: how much longer it takes with ten thousand runbooks than with ten."""

from __future__ import annotations

from bot.bench import heals
from bot.bench.measure import Goal, Measure, Sense

MANY = 10_000
FEW_OF_OURS, MANY_OF_OURS = f"ours, {heals.RULES}", f"ours, {MANY}"

MEASURE = Measure(
    id="P4",
    what="flatness",
    contestants={
        FEW_OF_OURS: heals.alone(heals.ours(heals.RULES)),
        MANY_OF_OURS: heals.alone(heals.ours(MANY), rules=MANY),
    },
    goals=(
        Goal(f"p50 with {MANY:,} runbooks", "p50", Sense.AT_MOST, 1.25, 1.1,
             of=MANY_OF_OURS, over=FEW_OF_OURS, unit="ms"),
    ),
)  # fmt: skip
