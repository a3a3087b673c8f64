"""P17: what 2,000 plans cost that wait for somebody's yes, and how soon they do after a kill."""

from __future__ import annotations

from bot.bench import pendings
from bot.bench.measure import OURS, Goal, Measure, Sense

MEASURE = Measure(
    id="P17",
    what=f"{pendings.PENDING:,} pending approvals",
    contestants={pendings.FLOOR: pendings.floor, OURS: pendings.ours},
    goals=(
        Goal("resident memory, in millions of octets", "rss", Sense.AT_MOST, 150, 100, unit="MB"),
        Goal("processor while idle, of one core", "cpu", Sense.AT_MOST, 2, 1, unit="%"),
        Goal("armed again after a kill", "armed", Sense.AT_MOST, 5, 3, unit="s"),
        Goal("then until its cards are looked through", "settled", Sense.AT_MOST, unit="s"),
        Goal("resident memory of the floor", "rss", Sense.AT_MOST, of=pendings.FLOOR, unit="MB"),
        Goal("the floor's processor", "cpu", Sense.AT_MOST, of=pendings.FLOOR, unit="%"),
        Goal("the floor armed", "armed", Sense.AT_MOST, of=pendings.FLOOR, unit="s"),
    ),
    most_rounds=2,
)
