"""Costs: what a plan adds to the bill, from which prices, and until when."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core import durations
from bot.core.plan import PlannedStep
from bot.core.runbook import Runbook


def told(runbook: Runbook, steps: Sequence[PlannedStep]) -> str:
    """
    What the runbook says of it and, where a step knows prices, what they come to.

    Steps that say how many there are afterwards all count from now: the last one says it all.
    """
    prices: dict[object, str] = {}
    for step in steps:
        radius = step.scope.blast_radius
        by = radius.targets if radius.becomes is not None else step.number
        prices[by] = step.scope.cost
    reckoned = [said for said in prices.values() if said not in {"", "none"}]
    if not reckoned:
        return runbook.estimate.cost
    named = [runbook.estimate.cost] if runbook.estimate.cost not in {"", "none"} else []
    return "; ".join((*named, *reckoned, _until(runbook)))


def _until(runbook: Runbook) -> str:
    """How long what steps add is paid for."""
    back = runbook.rollback
    if back.after is not None:
        return f"until it goes back, after {durations.in_words(back.after)}"
    return "until it goes back" if back.on_recovery else "until somebody changes it back"
