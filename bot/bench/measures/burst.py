"""P6: runs of five steps a second, when two thousand alerts come at once."""

from __future__ import annotations

from bot.bench import heals
from bot.bench.measure import OURS, Goal, Measure, Sense

RULES = 50
"""More than elsewhere, for a runbook may say that it is tried a hundred times a second at most."""

MEASURE = Measure(
    id="P6",
    what=f"burst of {heals.BURST:,}",
    contestants={
        OURS: heals.burst(heals.ours(RULES), RULES),
        heals.FLOOR: heals.burst(heals.floor(RULES), RULES),
    },
    goals=(Goal("runs a second", "rate", Sense.AT_LEAST, 0.25, 0.5, over=heals.FLOOR, unit="/s"),),
)
