"""P11: the memory that Heal needs when nothing happens, and when very much has happened.

The alerts are those of a long night: of 50 services, 20 pods each, sent again and again. Each is
accepted and dealt with before the memory is read; none opens a new incident after the first.
"""

from __future__ import annotations

from bot.bench import intakes
from bot.bench.measure import OURS, Goal, Measure, Sense

MEASURE = Measure(
    id="P11",
    what="resident memory",
    contestants={OURS: intakes.remembered},
    goals=(
        Goal("idle", "idle", Sense.AT_MOST, 100, 70, unit="MiB"),
        Goal("after 100,000 alerts, to idle", "growth", Sense.AT_MOST, 1.3),
    ),
    most_rounds=2,
)
