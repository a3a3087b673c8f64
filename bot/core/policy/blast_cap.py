"""Blast cap: how much may be away at the worst moment, and how many may be touched at all."""

from __future__ import annotations

from bot.core.blast_radius import BlastRadius
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import count, share

RULE = "blast cap"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Judge the worst step for what is away, and all steps together for what is touched."""
    caps = case.rulebook.blast
    for unit, number in touched(case).items():
        most = caps.deny_above_touched.get(unit)
        if most is not None and number > most:
            return verdict.deny(RULE, f"{count(number, unit)} would be touched, at most {most} may")

    radii = [step.scope.blast_radius for step in case.plan.steps]
    worst = max(radii, key=lambda radius: radius.percent)
    if worst.percent > caps.deny_above_percent:
        limit = share(caps.deny_above_percent)
        return verdict.deny(RULE, f"{_away(worst)}, at most {limit} may be")
    if worst.percent > caps.ask_above_percent:
        return verdict.ask(RULE, f"{_away(worst)}, more than {share(caps.ask_above_percent)} asks")
    least = min((radius for radius in radii if radius.down_at_once), key=_left, default=None)
    if least is not None and _left(least) < caps.min_left:
        return verdict.ask(RULE, f"{_away(least)}, fewer than {caps.min_left} would be left")
    return verdict.allow(RULE, f"{_away(worst)}, up to {share(caps.ask_above_percent)} may be")


def touched(case: Case) -> dict[str, int]:
    """
    Count by unit what all steps touch together.

    Steps on the same targets are taken for the same things touched again; others add up, so
    that a cap is not passed by in slices.
    """
    most: dict[tuple[str, frozenset[str]], int] = {}
    for step in case.plan.steps:
        radius = step.scope.blast_radius
        where = (radius.unit, frozenset(target.key for target in radius.targets))
        most[where] = max(most.get(where, 0), radius.touched)
    totals: dict[str, int] = {}
    for (unit, _), number in most.items():
        totals[unit] = totals.get(unit, 0) + number
    return totals


def _left(radius: BlastRadius) -> int:
    return radius.total - radius.down_at_once


def _away(radius: BlastRadius) -> str:
    of = f"{radius.down_at_once} of {count(radius.total, radius.unit)}"
    return f"{of} ({share(radius.percent)}) away at the worst moment"
