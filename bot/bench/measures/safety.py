"""P14: how much of a burst's throughput is left by the chain, policy and redaction."""

from __future__ import annotations

from bot.bench import heals
from bot.bench.measure import OURS, Goal, Measure, Sense
from bot.bench.measures.burst import RULES

MEASURE = Measure(
    id="P14",
    what="cost of safety",
    contestants={OURS: heals.burst(heals.ours(RULES), RULES, tolled=True)},
    goals=(Goal("share of throughput that is left", "kept", Sense.AT_LEAST, 0.7, 0.85),),
)
