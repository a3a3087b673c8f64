from __future__ import annotations

from typing import Any

import pytest

from bot.core.policy import scaling
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_radius, a_step


def judged(*touched: int, total: int = 100, cost: str = "", action: str = "aws.scale") -> Any:
    radii = [a_radius(0, total, touched=number) for number in touched]
    steps = [a_step(radius, number=n, action=action) for n, radius in enumerate(radii, 1)]
    return scaling.judge(a_case(plan=a_plan(*steps, cost=cost)))


def test_a_plan_that_changes_no_capacity_is_not_looked_at() -> None:
    actual = judged(90, action="kubernetes.restart")

    assert actual.ruling == Ruling.ALLOW
    assert actual.reason == "no capacity is changed"


@pytest.mark.parametrize(("touched", "expected"), [(25, Ruling.ALLOW), (26, Ruling.ASK)])
def test_up_to_a_quarter_may_run_and_more_is_asked_for(touched: int, expected: Ruling) -> None:
    assert judged(touched).ruling == expected


def test_two_increments_are_counted_together() -> None:
    actual = judged(20, 20)

    assert actual.ruling == Ruling.ASK
    assert actual.reason == "capacity changes by 40 %, more than 25 % asks"


def planned(*sizes: int, now: int = 6, action: str = "kubernetes.scale") -> Any:
    """A plan whose steps all say how many there are afterwards, each counted from now."""
    radii = [a_radius(0, now, touched=abs(size - now), becomes=size) for size in sizes]
    steps = [a_step(radius, number=n, action=action) for n, radius in enumerate(radii, 1)]
    return scaling.judge(a_case(plan=a_plan(*steps)))


def test_sizes_that_all_count_from_now_do_not_add_up() -> None:
    assert planned(9, 12).reason.startswith("capacity changes by 100 %, above 50 %")


@pytest.mark.parametrize(
    ("size", "expected"), [(7, Ruling.ALLOW), (8, Ruling.ASK), (4, Ruling.ASK)]
)
def test_an_action_that_says_how_many_there_will_be_is_measured_whatever_its_name(
    size: int, expected: Ruling
) -> None:
    assert planned(size, action="kubernetes.hpa_limits").ruling == expected


def test_the_cost_of_doubling_is_shown() -> None:
    actual = judged(6, total=6, cost="4 EUR an hour")

    assert actual.ruling == Ruling.ASK
    assert actual.reason == "capacity changes by 100 %, above 50 %; what it costs: 4 EUR an hour"


@pytest.mark.parametrize("cost", ["", "none"])
def test_a_cost_that_nobody_wrote_down_is_said_to_be_unknown(cost: str) -> None:
    assert judged(6, total=6, cost=cost).reason.endswith("what it costs: not known")


def test_growing_from_nothing_is_asked_for() -> None:
    assert judged(1, total=0).ruling == Ruling.ASK
