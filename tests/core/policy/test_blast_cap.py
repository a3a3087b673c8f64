from __future__ import annotations

from typing import Any

import pytest

from bot.core.policy import blast_cap
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import (
    a_case,
    a_plan,
    a_radius,
    a_rulebook,
    a_service,
    a_step,
)


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
    caps = {"ask_above_at_once": None}

    assert judged(a_radius(down, total), **caps).ruling == expected


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


@pytest.mark.parametrize(("down", "expected"), [(1, Ruling.ALLOW), (2, Ruling.ASK)])
def test_one_instance_at_a_time_unless_a_person_says_yes(down: int, expected: Ruling) -> None:
    assert judged(a_radius(down, 20)).ruling == expected


def test_more_at_the_same_time_than_the_house_allows_are_refused() -> None:
    actual = judged(a_radius(3, 20), deny_above_at_once=2)

    assert actual.ruling == Ruling.DENY
    assert actual.reason == (
        "3 of 20 pods (15 %) away at the worst moment, at most 2 at the same time may be"
    )


@pytest.mark.parametrize(
    ("total", "ready", "expected"),
    [
        (1, None, Ruling.ASK),
        (2, None, Ruling.ALLOW),
        (3, 2, Ruling.ALLOW),
        (3, 1, Ruling.ASK),
        (3, 0, Ruling.ASK),
    ],
)
def test_a_single_replica_is_asked_for_though_another_comes_before_it_goes(
    total: int, ready: int | None, expected: Ruling
) -> None:
    assert judged(a_radius(0, total, touched=total, ready=ready)).ruling == expected


def test_a_single_replica_says_so() -> None:
    alone = judged(a_radius(0, 1, touched=1))
    last = judged(a_radius(0, 3, touched=3, ready=1))

    assert alone.reason == "there is only 1 pod: fewer than 2 asks"
    assert last.reason == "1 of 3 pods ready now: fewer than 2 asks"


def test_more_of_a_single_replica_and_a_single_key_replace_nobody() -> None:
    assert judged(a_radius(0, 1, touched=1, becomes=2)).ruling == Ruling.ALLOW
    assert judged(a_radius(0, 1, touched=1, unit="key")).ruling == Ruling.ALLOW


@pytest.mark.parametrize(("ready", "expected"), [(4, Ruling.ALLOW), (3, Ruling.ASK)])
def test_a_share_must_stay_ready(ready: int, expected: Ruling) -> None:
    assert judged(a_radius(1, 4, ready=ready), min_healthy_percent=75).ruling == expected


def test_too_small_a_share_is_said_in_numbers() -> None:
    assert judged(a_radius(1, 4, ready=3), min_healthy_percent=75).reason == (
        "1 of 4 pods (25 %) away at the worst moment, 50 % would be ready and left, fewer than "
        "75 % asks"
    )


@pytest.mark.parametrize(
    ("headroom", "expected"), [(None, Ruling.ALLOW), (1, Ruling.ALLOW), (0, Ruling.ASK)]
)
def test_what_disruption_budgets_do_not_let_go_is_asked_for(
    headroom: int | None, expected: Ruling
) -> None:
    assert judged(a_radius(1, 4, headroom=headroom)).ruling == expected


def test_a_budget_without_room_says_so_and_holds_nobody_who_stays() -> None:
    assert judged(a_radius(1, 4, headroom=0)).reason == (
        "disruption budgets let none of 4 pods go now"
    )
    assert judged(a_radius(0, 4, touched=4, headroom=0)).ruling == Ruling.ALLOW


def test_every_reason_is_said_once() -> None:
    actual = judged(a_radius(3, 4), a_radius(3, 4), min_left=2)

    assert actual.reason.split("; ") == [
        "3 of 4 pods (75 %) away at the worst moment, more than 50 % asks",
        "3 of 4 pods (75 %) away at the worst moment, more than 1 at the same time asks",
        "3 of 4 pods (75 %) away at the worst moment, fewer than 2 would be left",
    ]


def limited(*limits: dict[str, Any], **service: Any) -> Ruling:
    """How a plan that takes one of four away is judged under these sections."""
    rulebook = a_rulebook(blast_limits=limits)
    known = a_service(**service) if service else None
    return blast_cap.judge(
        a_case(plan=a_plan(a_step(a_radius(1, 4))), rulebook=rulebook, service=known)
    ).ruling


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"deny_above_percent": 20.0}, Ruling.DENY),
        ({"services": ["shop"], "ask_above_percent": 20.0}, Ruling.ASK),
        ({"services": ["cart"], "ask_above_percent": 20.0}, Ruling.ALLOW),
        ({"environments": ["production"], "ask_above_percent": 20.0}, Ruling.ALLOW),
        ({"tiers": [2], "min_left": 4}, Ruling.ASK),
        ({"tiers": [4, 5], "min_left": 4}, Ruling.ALLOW),
        ({"ask_above_percent": 90.0, "min_left": 0}, Ruling.ALLOW),
        ({"deny_above_touched": {"pod": 1}}, Ruling.ALLOW),
    ],
)
def test_a_section_tightens_what_it_is_about(limit: dict[str, Any], expected: Ruling) -> None:
    assert limited(limit, tier=2) == expected


def test_a_service_whose_tier_is_not_known_is_taken_for_one_of_each() -> None:
    assert limited({"tiers": [5], "min_left": 4}) == Ruling.ASK


def test_of_several_sections_the_strictest_number_holds() -> None:
    limits = [{"deny_above_percent": one} for one in (90.0, 20.0, 100.0)]

    assert limited(*limits, tier=2) == Ruling.DENY
