"""By time alone no rule changes its mind but at an edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.lifecycle import State
from bot.core.policy import edges, rules
from tests.core.policy import builders

MINUTES = st.integers(1, 600).map(lambda minutes: timedelta(minutes=minutes))
FREEZES = st.builds(
    lambda starts, lasts: {
        "name": "release",
        "starts": builders.NOW + starts - timedelta(hours=5),
        "ends": builders.NOW + starts + lasts - timedelta(hours=5),
    },
    MINUTES,
    MINUTES,
)
RATES = st.builds(
    lambda per, limit, within: {"per": per, "limit": limit, "within": within},
    st.sampled_from(["runbook", "service", "target", "environment", "everything"]),
    st.integers(1, 3),
    MINUTES,
)
BREAKERS = st.builds(
    lambda failures, within, opens: {"failures": failures, "within": within, "open_for": opens},
    st.integers(1, 3),
    MINUTES,
    MINUTES,
)
ATTEMPTS = st.builds(
    builders.an_attempt, MINUTES, st.sampled_from([State.RESOLVED, State.ESCALATED])
)


@given(
    freezes=st.lists(FREEZES, max_size=3),
    rates=st.lists(RATES, max_size=3),
    breaker=BREAKERS,
    cool_down=MINUTES,
    attempts=st.lists(ATTEMPTS, max_size=4),
    passed=MINUTES,
)
def test_between_two_edges_every_rule_says_the_same(
    freezes: list[object], rates: list[object], breaker: object,
    cool_down: timedelta, attempts: list[object], passed: timedelta,
) -> None:  # fmt: skip
    case = builders.a_case(
        rulebook=builders.a_rulebook(freezes=freezes, rates=rates, breaker=breaker),
        safety=builders.a_safety(cool_down=cool_down),
        attempts=tuple(attempts),
    )
    later = replace(case, now=case.now + passed)
    last = max((at for at in edges.after(case, {}) if at <= later.now), default=case.now)
    there = rules.judge(replace(case, now=last))

    assert [one.ruling for one in rules.judge(later).verdicts] == [
        one.ruling for one in there.verdicts
    ]


def test_the_next_edge_comes_first_and_none_is_in_the_past() -> None:
    starts = builders.NOW + timedelta(hours=3)
    freeze = {"name": "release", "starts": starts, "ends": starts + timedelta(hours=1)}
    past = builders.an_attempt(timedelta(minutes=10))
    found = edges.after(
        builders.a_case(rulebook=builders.a_rulebook(freezes=[freeze]), attempts=(past,)), {}
    )

    assert found == sorted(found)
    assert found[0] > builders.NOW
    assert {starts, starts + timedelta(hours=1)} <= set(found)
