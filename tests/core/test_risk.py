from __future__ import annotations

from typing import Any

import pytest

from bot.core import risk
from bot.core.deployment import Deployment, Stage
from bot.core.lifecycle import State
from bot.core.plan import Reversibility
from bot.core.risk import Factor, Level, Risk
from tests.core.policy.builders import (
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    a_plan,
    a_radius,
    a_service,
    a_step,
    an_attempt,
)

CALM = a_step(a_radius(0, 4), reversibility=Reversibility.REVERSIBLE)


def assessed(
    *steps: Any,
    attempts: Any = (),
    production: bool = False,
    out_of_hours: str = "",
    **service: Any,
) -> Risk:
    plan = a_plan(*(steps or (CALM,)))
    return risk.assess(
        plan,
        a_service(**service),
        attempts,
        NOW,
        production=production,
        flapping="",
        out_of_hours=out_of_hours,
    )


def test_a_reversible_change_that_takes_nothing_down_has_no_points() -> None:
    actual = assessed()

    assert actual == Risk(level=Level.LOW, score=0, reasons=("nothing counts against it",))


@pytest.mark.parametrize(
    ("down", "total", "expected"),
    [
        (1, 4, Factor.UP_TO_A_QUARTER),
        (2, 7, Factor.UP_TO_HALF),
        (1, 2, Factor.UP_TO_HALF),
        (2, 3, Factor.MORE_THAN_HALF),
        (1, 1, Factor.NONE_LEFT),
        (3, 3, Factor.NONE_LEFT),
        (1, 0, Factor.NONE_LEFT),
    ],
)
def test_the_share_that_is_away_has_its_points(down: int, total: int, expected: Factor) -> None:
    step = a_step(a_radius(down, total), reversibility=Reversibility.REVERSIBLE)

    assert assessed(step).score == expected.points


def test_the_worst_step_counts_once_and_says_what_is_away() -> None:
    steps = [
        a_step(a_radius(down, 4), number=down + 1, reversibility=Reversibility.REVERSIBLE)
        for down in (0, 3, 1)
    ]

    actual = assessed(*steps)

    assert actual.score == Factor.MORE_THAN_HALF.points
    assert "3 (75 %) down at the worst moment" in actual.reasons[0]


@pytest.mark.parametrize(("touched", "expected"), [(10, 0), (11, Factor.MANY_TOUCHED.points)])
def test_touching_many_has_points(touched: int, expected: int) -> None:
    radius = a_radius(0, 99, touched=touched)

    assert assessed(a_step(radius, reversibility=Reversibility.REVERSIBLE)).score == expected


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((Reversibility.REVERSIBLE,), ()),
        ((Reversibility.REVERSIBLE, Reversibility.SELF_RESTORING), (Factor.SELF_RESTORING,)),
        ((Reversibility.SELF_RESTORING, Reversibility.IRREVERSIBLE), (Factor.IRREVERSIBLE,)),
    ],
)
def test_the_least_reversible_step_counts(kinds: Any, expected: tuple[Factor, ...]) -> None:
    steps = [a_step(a_radius(0, 4), number=n, reversibility=k) for n, k in enumerate(kinds, 1)]

    assert assessed(*steps).score == sum(factor.points for factor in expected)


def test_the_first_step_of_the_least_reversible_kind_is_named() -> None:
    steps = [a_step(a_radius(0, 4), number=n) for n in (1, 2)]

    assert assessed(*steps).reasons == ("+5: step 1, kubernetes.restart, has nothing to undo",)


def test_instances_of_a_stateful_service_that_go_away_have_points() -> None:
    step = a_step(a_radius(1, 9))

    actual = assessed(step, stateless=False).score - assessed(step, stateless=True).score

    assert actual == Factor.STATEFUL.points


def test_a_stateful_service_that_stays_up_has_none() -> None:
    assert assessed(stateless=False).score == 0


@pytest.mark.parametrize(("tier", "expected"), [(1, 0), (3, 0), (4, 15), (5, 30)])
def test_high_tiers_have_points(tier: int, expected: int) -> None:
    assert assessed(tier=tier).score == expected


def test_production_has_points() -> None:
    assert assessed(production=True).reasons == ("+5: staging is production",)


def test_nobody_at_work_has_points() -> None:
    assert assessed(out_of_hours="sat 03:00 in Europe/Berlin").reasons == (
        "+5: it is sat 03:00 in Europe/Berlin, outside of working hours",
    )


@pytest.mark.parametrize(("down", "headroom", "expected"), [(1, 1, 5), (1, 0, 20), (0, 0, 0)])
def test_going_where_budgets_have_no_room_has_points(
    down: int, headroom: int, expected: int
) -> None:
    step = a_step(a_radius(down, 4, headroom=headroom), reversibility=Reversibility.REVERSIBLE)

    assert assessed(step).score == expected


@pytest.mark.parametrize("stage", list(Stage))
def test_a_rollout_there_has_points_once(stage: Stage) -> None:
    rollout = Deployment(what="deployment api", stage=stage, says="1 of 3")
    radius = a_radius(0, 4, deploying=(rollout, rollout))
    step = a_step(radius, reversibility=Reversibility.REVERSIBLE)

    assert assessed(step, step).reasons == (f"+10: deployment api: {stage}",)


def test_restarting_one_of_several_stateless_instances_with_headroom_is_low_at_any_hour() -> None:
    step = a_step(a_radius(1, 2, ready=2, headroom=1))

    actual = assessed(step, production=True, out_of_hours="sat 03:00 in Europe/Berlin", tier=3)

    assert (actual.level, actual.score) == (Level.LOW, 25)


def test_a_service_that_nobody_wrote_down_is_never_low() -> None:
    actual = risk.assess(
        a_plan(CALM, service=""), None, (), NOW, production=False, flapping="", out_of_hours=""
    )

    assert actual.level == Level.MEDIUM
    assert actual.reasons == ("+30: the service is not in the catalogue",)


@pytest.mark.parametrize(
    ("ago", "expected"), [(24 * HOUR - SECOND, Factor.FAILED_LATELY.points), (24 * HOUR, 0)]
)
def test_a_failure_counts_for_a_day(ago: Any, expected: int) -> None:
    assert assessed(attempts=[an_attempt(ago, State.ESCALATED)]).score == expected


def test_no_more_than_three_failures_count_and_the_newest_are_named() -> None:
    failed = [an_attempt(n * HOUR, State.NOT_FIXED, incident=f"inc-{n}") for n in range(1, 6)]

    actual = assessed(attempts=failed)

    assert actual.score == 3 * Factor.FAILED_LATELY.points
    assert actual.reasons[-1] == "+10: inc-1 failed at 2026-11-20 11:00:00 UTC"


def test_successes_and_failures_elsewhere_do_not_count() -> None:
    elsewhere = an_attempt(MINUTE, State.ESCALATED, service="db")

    assert assessed(attempts=[an_attempt(MINUTE), elsewhere]).score == 0


def test_the_score_ends_at_a_hundred() -> None:
    step = a_step(a_radius(1, 1), reversibility=Reversibility.IRREVERSIBLE)

    actual = assessed(step, tier=5, stateless=False, production=True)

    assert (actual.level, actual.score) == (Level.HIGH, 100)


@pytest.mark.parametrize("total", [2, 3, 5, 40])
def test_restarting_one_of_several_stateless_instances_is_low_in_production_too(
    total: int,
) -> None:
    step = a_step(a_radius(1, total, touched=total))

    assert assessed(step, production=True, tier=3).level == Level.LOW


@pytest.mark.parametrize(
    ("total", "stateless"), [(1, True), (1, False), (2, False), (5, False), (40, False)]
)
def test_restarting_anything_else_is_not_low(total: int, stateless: bool) -> None:
    step = a_step(a_radius(1, total))

    assert assessed(step, stateless=stateless).level != Level.LOW
