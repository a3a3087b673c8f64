"""
Toll: what safety took of a burst, found by doing once more exactly what it did there.

The product has no switch that turns the chain, policy or redaction off, and none is built for a
figure. So the same work is done again, alone, on the material that the burst left in the ledger:
every hash of the chain, both judgements of every plan, and every redaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from bot.core import chain, redaction
from bot.core.incident import Incident
from bot.core.policy import rules
from bot.core.transcript import Entry
from bot.engine import judging
from bot.engine.world import World
from bot.store.ledger import Ledger

JUDGED = 2
"""Times that a plan is judged: when it is made, and when its run begins."""
READ = 4
"""Times that a run's probe is read: as evidence, for the plan, before and after."""


async def taken(world: World, ledger: Ledger) -> dict[str, float]:
    """The seconds of processor that each kind of safety takes for all that is in the ledger."""
    entries = [entry async for entry in ledger.all()]
    cases = [case for case in world.cases.recent(len(entries)) if case.plan is not None]

    def seconds(act: Callable[[], None]) -> float:
        began = time.thread_time()  # of processor: others may be at work as well
        act()
        return time.thread_time() - began

    return {
        "chain": seconds(lambda: _chain(entries)),
        "policy": seconds(lambda: _judge(world, cases)),
        "redaction": seconds(lambda: _redact(cases)),
    }


def _chain(entries: Sequence[Entry]) -> None:
    for entry in entries:
        chain.link(entry.prev, entry.seq, entry)


def _judge(world: World, cases: Sequence[Incident]) -> None:
    for case in [*cases] * JUDGED:
        if case.plan is not None:
            rules.judge(judging.case(world, case, case.plan, ""))


def _redact(cases: Sequence[Incident]) -> None:
    for case in cases:
        for alert in case.alerts.values():
            redaction.of_alert(alert)
        for step in case.steps:
            redaction.text(step.says)
        readings = case.evidence.readings if case.evidence else ()
        for reading in readings * READ:
            redaction.of_facts(reading.seen)
