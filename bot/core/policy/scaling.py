"""Scaling: a large change of capacity is asked for, and a very large one shows its cost."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import fits
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import share

RULE = "scaling"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask above the limit; increments on one target add up, from the size it has now."""
    limits, grown = case.rulebook.scaling, growth(case)
    if not grown:
        return verdict.allow(RULE, "no capacity is changed")
    most = max(grown.values())
    said = f"capacity changes by {share(most)}"
    if most > limits.show_cost_above_percent:
        cost = case.plan.cost if case.plan.cost not in {"", "none"} else "not known"
        return verdict.ask(
            RULE, f"{said}, above {share(limits.show_cost_above_percent)}; what it costs: {cost}"
        )
    if most > limits.ask_above_percent:
        return verdict.ask(RULE, f"{said}, more than {share(limits.ask_above_percent)} asks")
    return verdict.allow(RULE, f"{said}, up to {share(limits.ask_above_percent)} may")


def growth(case: Case) -> dict[frozenset[str], float]:
    """
    Return by target how many percent of its present size are added or taken away.

    Steps that say how many there are afterwards all count from now, so the farthest one tells;
    those that only say how many they touch add up.
    """
    changed: dict[frozenset[str], float] = {}
    size: dict[frozenset[str], int] = {}
    for step in case.plan.steps:
        radius = step.scope.blast_radius
        if radius.becomes is None and not fits(step.action, case.rulebook.scaling.actions):
            continue
        where = frozenset(target.key for target in radius.targets)
        now, so_far = size.setdefault(where, max(1, radius.total)), changed.get(where, 0.0)
        if radius.becomes is None:
            changed[where] = so_far + 100.0 * radius.touched / now
        else:
            changed[where] = max(so_far, 100.0 * abs(radius.becomes - radius.total) / now)
    return changed
