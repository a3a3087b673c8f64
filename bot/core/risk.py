"""Risk: a score with its reasons, computed from the plan; no model and no alert text sets it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from bot.core.blast_radius import BlastRadius
from bot.core.catalogue import Service
from bot.core.plan import Plan, Reversibility
from bot.core.policy import history, wording
from bot.core.values import Frozen

MEDIUM_FROM = 30
HIGH_FROM = 60
MOST = 100
LATELY = timedelta(hours=24)
MANY = 10
"""Touching more than so many counts."""
FAILURES_COUNTED = 3
NOTHING = "nothing counts against it"


class Level(StrEnum):
    """What people read of a score."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Risk(Frozen):
    """How much could go wrong: 0 is nothing; every point has its reason."""

    level: Level
    score: int
    reasons: tuple[str, ...]


class Factor(Enum):
    """The table of points, and when each is given; `docs/policy.md` prints it."""

    UP_TO_A_QUARTER = (5, "up to 25 % of the instances are away at the worst moment")
    UP_TO_HALF = (10, "more than 25 % and up to 50 % of the instances are away")
    MORE_THAN_HALF = (25, "more than 50 % of the instances are away, but not all")
    NONE_LEFT = (40, "no instance is left at the worst moment: a single one, or all at once")
    MANY_TOUCHED = (5, f"more than {MANY} are touched")
    SELF_RESTORING = (5, "a step has nothing to undo: its owner must come back by itself")
    IRREVERSIBLE = (40, "a step cannot be taken back")
    STATEFUL = (25, "instances of a service go away that is not marked stateless")
    TIER_4 = (15, "the service is of tier 4")
    TIER_5 = (30, "the service is of tier 5")
    UNKNOWN = (30, "the service is not in the catalogue")
    PRODUCTION = (5, "it happens in production")
    OUT_OF_HOURS = (5, "it happens outside of the policy's `working_hours`, if it has any")
    NO_HEADROOM = (15, "disruption budgets let fewer go now than would be away at the worst moment")
    UNSETTLED = (10, "a rollout there is under way, was given up, or cannot be read")
    FAILED_LATELY = (
        10,
        f"for each failed run on the service in the last 24 h, at most {FAILURES_COUNTED} of them",
    )

    FLAPPING = (5, "it fires again and again, as `flapping` counts")

    def __init__(self, points: int, when: str) -> None:
        self.points = points
        self.when = when


def assess(
    plan: Plan,
    service: Service | None,
    attempts: Iterable[history.Attempt],
    now: datetime,
    *,
    production: bool,
    flapping: str,
    out_of_hours: str,
) -> Risk:
    """
    Add up the points of everything that speaks against the plan, 0 to 100.

    `out_of_hours` is what the clock says when nobody is at work, else empty.
    """
    found = [*_in_the_plan(plan), *_around_it(plan, service, production=production)]
    found += _now(plan, out_of_hours)
    tried = history.of_service(attempts, plan.service, plan.environment)
    failed = [attempt for attempt in history.within(tried, now, LATELY) if attempt.failed]
    found += [
        (Factor.FAILED_LATELY, f"{attempt.incident} failed at {wording.moment(attempt.at)}")
        for attempt in failed[-FAILURES_COUNTED:]
    ]
    if flapping:
        found.append((Factor.FLAPPING, flapping))
    score = min(MOST, sum(factor.points for factor, _ in found))
    reasons = tuple(f"+{factor.points}: {why}" for factor, why in found)
    return Risk(level=level_of(score), score=score, reasons=reasons or (NOTHING,))


def level_of(score: int) -> Level:
    """
    Put a score into words.

    >>> level_of(29), level_of(30), level_of(60)
    (<Level.LOW: 'low'>, <Level.MEDIUM: 'medium'>, <Level.HIGH: 'high'>)
    """
    if score >= HIGH_FROM:
        return Level.HIGH
    return Level.MEDIUM if score >= MEDIUM_FROM else Level.LOW


def _in_the_plan(plan: Plan) -> Iterator[tuple[Factor, str]]:
    radii = [step.scope.blast_radius for step in plan.steps]
    away = [(_away(radius), radius.line) for radius in radii if radius.down_at_once]
    if away:
        yield max(away, key=lambda found: found[0].points)
    most = max(radii, key=lambda radius: radius.touched)
    if most.touched > MANY:
        yield Factor.MANY_TOUCHED, f"{wording.count(most.touched, most.unit)} are touched"
    kinds = {step.reversibility: step for step in reversed(plan.steps)}
    if step := kinds.get(Reversibility.IRREVERSIBLE):
        yield Factor.IRREVERSIBLE, f"step {step.number}, {step.action}, cannot be taken back"
    elif step := kinds.get(Reversibility.SELF_RESTORING):
        yield Factor.SELF_RESTORING, f"step {step.number}, {step.action}, has nothing to undo"


def _away(radius: BlastRadius) -> Factor:
    if radius.down_at_once >= radius.total:
        return Factor.NONE_LEFT
    if radius.percent > 50:
        return Factor.MORE_THAN_HALF
    return Factor.UP_TO_HALF if radius.percent > 25 else Factor.UP_TO_A_QUARTER


def _around_it(
    plan: Plan, service: Service | None, *, production: bool
) -> Iterator[tuple[Factor, str]]:
    if service is None:
        yield Factor.UNKNOWN, f"{plan.service or 'the service'} is not in the catalogue"
    else:
        down = any(step.scope.blast_radius.down_at_once for step in plan.steps)
        if down and not service.stateless:
            yield Factor.STATEFUL, f"{service.name} is not marked stateless"
        if tier := {4: Factor.TIER_4, 5: Factor.TIER_5}.get(service.tier):
            yield tier, _tier(service)
    if production:
        yield Factor.PRODUCTION, f"{plan.environment} is production"


def _tier(service: Service) -> str:
    if not service.tier_said:
        return f"the tier of {service.name} is not known, and taken for {service.tier}"
    return f"{service.name} is of tier {service.tier}"


def _now(plan: Plan, out_of_hours: str) -> Iterator[tuple[Factor, str]]:
    """What speaks against doing it just now."""
    if out_of_hours:
        yield Factor.OUT_OF_HOURS, f"it is {out_of_hours}, outside of working hours"
    radii = [step.scope.blast_radius for step in plan.steps]
    tight = [one for one in radii if one.headroom is not None and one.down_at_once > one.headroom]
    if tight:
        yield Factor.NO_HEADROOM, f"disruption budgets let {tight[0].headroom} go now"
    unsettled = (*plan.deploying, *(one for radius in radii for one in radius.deploying))
    if unsettled:
        first = unsettled[0]
        yield Factor.UNSETTLED, f"{first.what}: {first.stage}"
