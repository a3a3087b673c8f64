"""P16: how long it takes to judge the plans of ten thousand recorded alerts by two policies."""

from __future__ import annotations

from bot.bench import judgements
from bot.bench.measure import OURS, Goal, Measure, Sense

MEASURE = Measure(
    id="P16",
    what=f"policy diff over {judgements.RECORDED:,} recorded alerts",
    contestants={OURS: judgements.replayed},
    goals=(
        Goal("time of processor", "seconds", Sense.AT_MOST, 30, 15, unit="s"),
        Goal("of that: each plan, twice", "each", Sense.AT_MOST, unit="ms"),
    ),
    most_rounds=2,
)
