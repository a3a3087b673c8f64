"""P8: how long people wait for an acknowledgement while alerts storm in and others click too."""

from __future__ import annotations

from bot.bench import acks
from bot.bench.measure import OURS, Goal, Measure, Sense

MEASURE = Measure(
    id="P8",
    what="Slack ack in a storm",
    contestants={OURS: acks.in_storm},
    goals=(
        Goal("10,000 asked, p99", "p99", Sense.AT_MOST, 100, 50, unit="ms"),
        Goal("10,000 asked, the longest", "worst", Sense.AT_MOST, 3000, unit="ms"),
    ),
    most_rounds=2,
)
