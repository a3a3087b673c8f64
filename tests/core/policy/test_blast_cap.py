from __future__ import annotations

from typing import Any

import pytest

from bot.core.policy import blast_cap
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_radius, a_rulebook, a_step


def judged(*radii: Any, **caps: Any) -> Any:
    steps = [a_step(radius, number=n) for n, radius in enumerate(radii, 1)]
    return blast_cap.judge(a_case(plan=a_plan(*steps), rulebook=a_rulebook(blast=caps)))


@pytest.mark.parametrize(
    ("down", "total", "expected"),
    [
        (0, 4, Ruling.ALLOW),
        (2, 4, Ruling.ALLOW),
        (3, 4, Ruling.ASK),
        (1, 1, Ruling.ASK),
        (0, 0, Ruling.ALLOW),
        (1, 0, Ruling.ASK),
    ],
)
def test_more_than_half_away_or_none_left_is_asked_for(
    down: int, total: int, expected: Ruling
) -> None:
    assert judged(a_radius(down, total)).ruling == expected


def test_a_larger_share_than_the_house_allows_is_refused_in_numbers() -> None:
    actual = judged(a_radius(3, 4), deny_above_percent=74.9)

    assert actual.ruling == Ruling.DENY
    assert actual.reason == "3 of 4 pods (75 %) away at the worst moment, at most 74.9 % may be"


def test_exactly_the_share_that_is_allowed_is_asked_for_and_not_refused() -> None:
    assert judged(a_radius(3, 4), deny_above_percent=75).ruling == Ruling.ASK


def test_too_few_left_are_asked_for_though_the_share_is_small() -> None:
    actual = judged(a_radius(1, 3), min_left=3)

    assert actual.ruling == Ruling.ASK
    assert actual.reason.endswith("fewer than 3 would be left")


def test_who_is_not_taken_down_need_not_be_left() -> None:
    assert judged(a_radius(0, 1), min_left=3).ruling == Ruling.ALLOW


def test_the_worst_step_is_judged() -> None:
    assert judged(a_radius(0, 4), a_radius(4, 4), a_radius(1, 4)).ruling == Ruling.ASK


@pytest.mark.parametrize(("touched", "expected"), [(5, Ruling.ALLOW), (6, Ruling.DENY)])
def test_more_than_a_cap_of_their_unit_are_never_touched(touched: int, expected: Ruling) -> None:
    radius = a_radius(1, 100, touched=touched)

    assert judged(radius, deny_above_touched={"pod": 5}).ruling == expected


def test_a_unit_without_a_cap_may_be_touched_in_any_number() -> None:
    radius = a_radius(0, 9999, touched=9999, unit="key")

    assert judged(radius, deny_above_touched={"pod": 5}).ruling == Ruling.ALLOW


def test_a_cap_is_not_passed_by_in_slices() -> None:
    slices = [a_radius(0, 9, key=key, touched=4) for key in ("a", "b")]

    actual = judged(*slices, deny_above_touched={"pod": 7})

    assert actual.reason == "8 pods would be touched, at most 7 may"


def test_the_same_things_touched_twice_count_once() -> None:
    twice = [a_radius(0, 9, touched=touched) for touched in (4, 3)]

    assert judged(*twice, deny_above_touched={"pod": 4}).ruling == Ruling.ALLOW
