"""What may be said of figures: no yes without the whole interval, no no without it either."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.bench import figures
from bot.bench.figures import Interval, Verdict
from bot.bench.measure import Sense

RATIOS = st.lists(st.floats(0.01, 100), min_size=1, max_size=9)


@settings(deadline=None)
@given(RATIOS)
def test_the_median_lies_in_its_interval_and_that_among_the_values(ratios: list[float]) -> None:
    found = figures.interval(ratios)

    assert min(ratios) <= found.low <= found.middle <= found.high <= max(ratios)


def test_the_same_values_give_the_same_interval() -> None:
    assert figures.interval([0.3, 0.5, 0.4]) == figures.interval([0.3, 0.5, 0.4])


def test_rounds_that_disagree_are_less_sure_than_rounds_that_agree() -> None:
    sure, unsure = figures.interval([1.0, 1.1, 0.9] * 3), figures.interval([1.0, 2.0, 0.1] * 3)

    assert sure.high - sure.low < unsure.high - unsure.low


def test_one_round_is_an_interval_without_width() -> None:
    assert figures.interval([0.4]) == Interval(0.4, 0.4, 0.4)


def test_a_quantile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(1, 101)]

    assert [figures.quantile(values, share) for share in (0.5, 0.99, 1.0)] == [50, 99, 100]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.61, 0.7, Verdict.AIMED),
        (0.36, 0.7, Verdict.MET),
        (0.34, 0.7, Verdict.NOISE),
        (0.2, 0.34, Verdict.MISSED),
    ],
)
def test_more_is_better_where_at_least_is_asked(low: float, high: float, verdict: Verdict) -> None:
    assert figures.verdict(Interval(low, 0.5, high), Sense.AT_LEAST, 0.35, 0.6) is verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.0, 1.9, Verdict.AIMED),
        (1.0, 2.9, Verdict.MET),
        (1.0, 3.1, Verdict.NOISE),
        (3.1, 4.0, Verdict.MISSED),
    ],
)
def test_less_is_better_where_at_most_is_asked(low: float, high: float, verdict: Verdict) -> None:
    assert figures.verdict(Interval(low, 2.0, high), Sense.AT_MOST, 3, 2) is verdict


def test_without_an_aim_none_is_reached() -> None:
    assert figures.verdict(Interval(9, 9, 9), Sense.AT_LEAST, 1, None) is Verdict.MET
