"""P15: what it costs to judge a plan by the policy of a big house, and by that of a small one."""

from __future__ import annotations

from bot.bench import judgements
from bot.bench.judgements import LINES, SERVICES
from bot.bench.measure import Goal, Measure, Sense

SMALL, BIG = "ours, 10 services, 10 lines", f"ours, {SERVICES:,} services, {LINES} lines"

MEASURE = Measure(
    id="P15",
    what="judging a plan",
    contestants={SMALL: judgements.judged(10, 10), BIG: judgements.judged(SERVICES, LINES)},
    goals=(
        Goal(f"p99 with {SERVICES:,} services and {LINES} lines of policy", "p99", Sense.AT_MOST,
             1, 0.5, of=BIG, unit="ms"),
        Goal("p50, to that of a small house", "p50", Sense.AT_MOST, 3, 1.5, of=BIG, over=SMALL,
             unit="ms"),
    ),
)  # fmt: skip
