from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from bot.core.lifecycle import State
from bot.core.policy import circuit_breaker
from bot.core.policy.circuit_breaker import Position
from bot.core.policy.sections import Breaker
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import (
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    a_case,
    a_plan,
    a_rulebook,
    an_attempt,
)

BAD, GOOD = State.ESCALATED, State.RESOLVED
BREAKER = Breaker(failures=2, within=HOUR, open_for=HOUR)


def position(*attempts: tuple[timedelta, State | None]) -> Position:
    made = [an_attempt(ago, ended) for ago, ended in attempts]
    return circuit_breaker.read(made, BREAKER, NOW).position


def judged(*attempts: tuple[timedelta, State | None], **changes: Any) -> Any:
    made = tuple(an_attempt(ago, ended) for ago, ended in attempts)
    rulebook = a_rulebook(breaker=BREAKER)
    return circuit_breaker.judge(a_case(rulebook=rulebook, attempts=made, **changes))


def test_a_closed_breaker_allows_and_says_how_many_failures_it_counts() -> None:
    actual = judged((MINUTE, BAD))

    assert actual.ruling == Ruling.ALLOW
    assert actual.reason == "closed: 1 of 2 failed runs in 1 h on shop in staging"


def test_repeated_failures_turn_unattended_into_asking() -> None:
    actual = judged((40 * MINUTE, BAD), (MINUTE, BAD))

    assert actual.ruling == Ruling.ASK
    assert actual.reason.startswith("open until 2026-11-20 12:59:00 UTC")


@pytest.mark.parametrize("ended", [State.ESCALATED, State.NOT_FIXED, State.CANCELLED])
def test_what_did_not_help_is_a_failure(ended: State) -> None:
    assert position((40 * MINUTE, ended), (MINUTE, ended)) == Position.OPEN


@pytest.mark.parametrize("ended", [None, State.HEALED, State.RESOLVED, State.REVERTED])
def test_what_helped_or_is_still_running_is_no_failure(ended: State | None) -> None:
    assert position((40 * MINUTE, ended), (MINUTE, ended)) == Position.CLOSED


@pytest.mark.parametrize(
    ("first", "expected"),
    [(61 * MINUTE - SECOND, Position.OPEN), (61 * MINUTE, Position.CLOSED)],
)
def test_failures_far_apart_do_not_open_it(first: timedelta, expected: Position) -> None:
    assert position((first, BAD), (MINUTE, BAD)) == expected


@pytest.mark.parametrize(
    ("last", "expected"), [(HOUR - SECOND, Position.OPEN), (HOUR, Position.HALF_OPEN)]
)
def test_it_is_half_open_at_the_very_instant_its_time_is_over(
    last: timedelta, expected: Position
) -> None:
    assert position((80 * MINUTE, BAD), (last, BAD)) == expected


def test_a_half_open_breaker_lets_one_trial_ask() -> None:
    actual = judged((150 * MINUTE, BAD), (2 * HOUR, BAD))

    assert actual.ruling == Ruling.ASK
    assert actual.reason.startswith("half-open since 2026-11-20 11:00:00 UTC")


def test_a_second_trial_beside_the_first_is_denied() -> None:
    actual = judged((150 * MINUTE, BAD), (2 * HOUR, BAD), (MINUTE, None))

    assert actual.ruling == Ruling.DENY
    assert "inc-1 is the one trial" in actual.reason


def test_a_run_that_began_while_it_was_open_is_not_the_trial() -> None:
    actual = judged((150 * MINUTE, BAD), (2 * HOUR, BAD), (61 * MINUTE, None))

    assert actual.ruling == Ruling.ASK


def test_a_trial_that_helped_closes_it_and_forgets_the_failures() -> None:
    closed = ((150 * MINUTE, BAD), (2 * HOUR, BAD), (30 * MINUTE, GOOD))

    assert position(*closed) == Position.CLOSED
    assert position(*closed, (MINUTE, BAD)) == Position.CLOSED


def test_a_trial_that_failed_opens_it_again() -> None:
    assert position((9 * HOUR, BAD), (9 * HOUR, BAD), (MINUTE, BAD)) == Position.OPEN


def test_a_success_between_two_failures_does_not_hide_them() -> None:
    assert position((30 * MINUTE, BAD), (20 * MINUTE, GOOD), (MINUTE, BAD)) == Position.OPEN


def test_the_order_in_which_attempts_are_given_does_not_matter() -> None:
    attempts = [(3 * HOUR, BAD), (150 * MINUTE, BAD), (MINUTE, GOOD)]

    assert {position(*each) for each in permutations(attempts)} == {Position.CLOSED}


def test_of_two_runs_that_began_at_once_the_failure_counts_last() -> None:
    attempts = ((2 * MINUTE, BAD), (MINUTE, BAD), (MINUTE, GOOD))

    assert {position(*each) for each in permutations(attempts)} == {Position.OPEN}


def test_failures_of_another_service_or_environment_do_not_count() -> None:
    other = (an_attempt(MINUTE, BAD, service="db"), an_attempt(MINUTE, BAD, environment="qa"))
    case = a_case(rulebook=a_rulebook(breaker=BREAKER), attempts=other)

    assert circuit_breaker.judge(case).ruling == Ruling.ALLOW


def test_an_undo_is_not_held_up_by_an_open_breaker() -> None:
    actual = judged((40 * MINUTE, BAD), (MINUTE, BAD), plan=a_plan(undoes="inc-1"))

    assert actual.ruling == Ruling.ALLOW


def test_what_came_back_hours_later_failed_when_it_came_back() -> None:
    late = an_attempt(9 * HOUR, State.NOT_FIXED, failed_at=NOW - MINUTE)
    before = an_attempt(40 * MINUTE, BAD)
    circuit = circuit_breaker.read([late, before], BREAKER, NOW)

    assert circuit.position is Position.OPEN
    assert circuit.until == NOW - MINUTE + HOUR
    assert circuit.failed == (before, late)


def test_a_success_before_it_came_back_does_not_close_it() -> None:
    late = an_attempt(9 * HOUR, State.NOT_FIXED, failed_at=NOW - MINUTE)
    others = [an_attempt(40 * MINUTE, BAD), an_attempt(2 * MINUTE, GOOD)]

    assert circuit_breaker.read([late, *others], BREAKER, NOW).position is Position.OPEN


def test_the_second_trial_is_refused_from_the_instant_at_which_the_first_may_begin() -> None:
    over = (150 * MINUTE, BAD), (2 * HOUR, BAD)

    assert judged(*over, (HOUR, None)).ruling is Ruling.DENY
    assert judged(*over, (HOUR + SECOND, None)).ruling is Ruling.ASK


def test_only_those_that_are_not_closed_are_listed_with_the_runs_that_failed() -> None:
    bad = tuple(an_attempt(ago * MINUTE, BAD, incident=f"inc-{ago}") for ago in (40, 1))
    old = tuple(an_attempt(ago * MINUTE, BAD, service="cart") for ago in (150, 120))
    good = (an_attempt(MINUTE, GOOD, service="calm"),)
    found = list(circuit_breaker.tripped([good, bad, old, ()], BREAKER, NOW))

    assert [(one.service, one.environment, one.circuit.position) for one in found] == [
        ("shop", "staging", Position.OPEN),
        ("cart", "staging", Position.HALF_OPEN),
    ]
    assert [run.incident for run in found[0].circuit.failed] == ["inc-40", "inc-1"]
