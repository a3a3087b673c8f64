"""P3: how long an alert that comes alone waits until its first action begins, with ten runbooks."""

from __future__ import annotations

from bot.bench import heals
from bot.bench.measure import OURS, Goal, Measure, Sense

MEASURE = Measure(
    id="P3",
    what="alert to first action",
    contestants={
        OURS: heals.alone(heals.ours(heals.RULES)),
        heals.FLOOR: heals.alone(heals.floor(heals.RULES)),
    },
    goals=tuple(
        Goal(share, share, Sense.AT_MOST, 2.5, 1.7, over=heals.FLOOR, unit="ms")
        for share in ("p50", "p99")
    ),
)
