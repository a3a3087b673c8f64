"""Blast cap: how much may be away at the worst moment, and how many may be touched at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.core.blast_radius import BlastRadius
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import Blast
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import count, share

RULE = "blast cap"
STRICTEST = Ruling.DENY
INSTANCES = frozenset({"instance", "pod", "process"})
"""Units that serve: keys, files and values may all be replaced, nobody waits behind them."""


def judge(case: Case) -> Verdict:
    """Judge each step for what is away, and all of them together for what is touched."""
    plan, service = case.plan, case.service
    tier = service.tier if service and service.tier_said else None
    caps = case.rulebook.blast_of(plan.service, plan.environment, tier)
    radii = [step.scope.blast_radius for step in plan.steps]
    if denying := [*_too_many_touched(case, caps), *_each(radii, caps, _denied)]:
        return verdict.deny(RULE, "; ".join(denying))
    if asking := _each(radii, caps, _asked):
        return verdict.ask(RULE, "; ".join(asking))
    worst = max(radii, key=lambda radius: radius.percent)
    return verdict.allow(RULE, f"{_away(worst)}, up to {share(caps.ask_above_percent)} may be")


def _each(
    radii: list[BlastRadius], caps: Blast, why: Callable[[BlastRadius, Blast], Iterator[str]]
) -> list[str]:
    """Every reason once, in the order of the steps."""
    return list(dict.fromkeys(said for radius in radii for said in why(radius, caps)))


def _too_many_touched(case: Case, caps: Blast) -> Iterator[str]:
    for unit, number in touched(case).items():
        most = caps.deny_above_touched.get(unit)
        if most is not None and number > most:
            yield f"{count(number, unit)} would be touched, at most {most} may"


def _denied(radius: BlastRadius, caps: Blast) -> Iterator[str]:
    if radius.percent > caps.deny_above_percent:
        yield f"{_away(radius)}, at most {share(caps.deny_above_percent)} may be"
    if caps.deny_above_at_once is not None and radius.down_at_once > caps.deny_above_at_once:
        yield f"{_away(radius)}, at most {caps.deny_above_at_once} at the same time may be"


def _asked(radius: BlastRadius, caps: Blast) -> Iterator[str]:
    down, serving = radius.down_at_once, radius.total if radius.ready is None else radius.ready
    if radius.percent > caps.ask_above_percent:
        yield f"{_away(radius)}, more than {share(caps.ask_above_percent)} asks"
    if caps.ask_above_at_once is not None and down > caps.ask_above_at_once:
        yield f"{_away(radius)}, more than {caps.ask_above_at_once} at the same time asks"
    if down and radius.total - down < caps.min_left:
        yield f"{_away(radius)}, fewer than {caps.min_left} would be left"
    healthy = 100.0 * max(0, serving - down) / radius.total if radius.total else 100.0
    if down and healthy < caps.min_healthy_percent:
        least = share(caps.min_healthy_percent)
        yield f"{_away(radius)}, {share(healthy)} would be ready and left, fewer than {least} asks"
    if _replaced(radius) and serving < caps.ask_below_instances:
        yield f"{_few(radius, serving)}: fewer than {caps.ask_below_instances} asks"
    if radius.headroom is not None and down > radius.headroom:
        room = "none" if not radius.headroom else f"no more than {radius.headroom}"
        yield f"disruption budgets let {room} of {count(radius.total, radius.unit)} go now"


def _few(radius: BlastRadius, serving: int) -> str:
    if radius.ready is None:
        return f"there is only {count(serving, radius.unit)}"
    return f"{serving or 'none'} of {count(radius.total, radius.unit)} ready now"


def _replaced(radius: BlastRadius) -> bool:
    """Whether instances go and come; more or fewer of them is for another rule to judge."""
    return bool(radius.touched) and radius.becomes is None and radius.unit in INSTANCES


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


def _away(radius: BlastRadius) -> str:
    of = f"{radius.down_at_once} of {count(radius.total, radius.unit)}"
    return f"{of} ({share(radius.percent)}) away at the worst moment"
