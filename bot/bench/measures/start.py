"""P10: from the start of the process to ready, with many runbooks and a long past."""

from __future__ import annotations

from bot.app import PHASES
from bot.bench import starts
from bot.bench.measure import OURS, Goal, Measure, Sense
from bot.bench.starts import REST

MEASURE = Measure(
    id="P10",
    what="start to ready, 1,000 runbooks, 10,000 alerts waiting, 10,000 incidents ended",
    contestants={starts.FLOOR: starts.floor, OURS: starts.ours},
    goals=(
        Goal("time", "seconds", Sense.AT_MOST, 1.5, 0.8, unit="s"),
        Goal("time, to the floor's", "seconds", Sense.AT_MOST, 3, 2, over=starts.FLOOR, unit="s"),
        *(Goal(f"of that: {part}", part, Sense.AT_MOST, unit="s") for part in (REST, *PHASES)),
    ),
)
