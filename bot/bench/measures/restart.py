"""P13: from a kill in the middle of 1,000 runs to all of them resumed or asked about."""

from __future__ import annotations

from bot.bench import starts
from bot.bench.measure import OURS, Goal, Measure, Sense

MEASURE = Measure(
    id="P13",
    what="restart after kill -9 in 1,000 runs",
    contestants={OURS: starts.resumed},
    goals=(Goal("all resumed or asked", "seconds", Sense.AT_MOST, 10, 3, unit="s"),),
)
