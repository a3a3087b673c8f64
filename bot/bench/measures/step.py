"""P5: what a durable step costs: its intent is on disk before it, its outcome after it."""

from __future__ import annotations

from bot.bench import heals
from bot.bench.measure import OURS, Goal, Measure, Sense

MEASURE = Measure(
    id="P5",
    what="durable step",
    contestants={
        OURS: heals.alone(heals.ours(heals.RULES)),
        heals.FLOOR: heals.alone(heals.floor(heals.RULES)),
    },
    goals=(Goal("median", "step", Sense.AT_MOST, 3, 1.5, over=heals.FLOOR, unit="ms"),),
)
