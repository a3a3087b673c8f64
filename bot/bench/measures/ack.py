"""P7: how long a command and a click wait for their acknowledgement when nobody else asks."""

from __future__ import annotations

from collections.abc import Iterator

from bot.bench import acks
from bot.bench.measure import OURS, Goal, Measure, Sense


def _goals() -> Iterator[Goal]:
    for kind in acks.KINDS:
        for over, must, aim in ((acks.BOLT, 0.2, None), (acks.FLOOR, 5, 3)):
            yield Goal(f"{kind}, p50", f"{kind} p50", Sense.AT_MOST, must, aim, over, unit="ms")


MEASURE = Measure(
    id="P7",
    what="Slack ack",
    contestants={
        OURS: acks.ours,
        acks.BOLT: acks.of(acks.BOLT),
        acks.FLOOR: acks.of(acks.FLOOR),
    },
    goals=tuple(_goals()),
)
