"""
P6: runs of five steps a second, when two thousand alerts come at once.

Both are sent the same alerts over as many connections, on a core of their own, each run makes one
call over HTTP, and each step's beginning is on disk before it is done. Nothing of ours is held
back: no window, lock, slot or hold stands in the way of a run. The floor writes 13 rows a run and
waits 13 times for the disk; ours chains 18 entries and waits 9 times, besides its inbox. So what
ours takes longer for is processor and not waiting: `cpu` in the samples says how many
milliseconds a run.
"""

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
