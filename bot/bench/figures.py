"""Figures: medians, how sure they are, and what may be said of them; pure."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from enum import StrEnum
from statistics import median
from typing import NamedTuple

from bot.bench.measure import Sense

RESAMPLES = 2000
SURE = 0.95


class Interval(NamedTuple):
    """A median and the ends between which it lies, as far as so many rounds can tell."""

    low: float
    middle: float
    high: float


class Verdict(StrEnum):
    """Met is said only when the whole interval is on the good side."""

    AIMED = "met, aim too"
    MET = "met"
    NOISE = "within noise"
    MISSED = "missed"
    PART = "a part"
    FAIL = "FAIL"


def interval(values: Sequence[float], seed: int = 7) -> Interval:
    """
    The median with its bootstrap interval of 95 %; the same values give the same interval.

    >>> interval([2.0])
    Interval(low=2.0, middle=2.0, high=2.0)
    """
    chance = random.Random(seed)  # noqa: S311 - it draws samples, not secrets
    medians = [median(chance.choices(values, k=len(values))) for _ in range(RESAMPLES)]
    out = (1 - SURE) / 2
    return Interval(quantile(medians, out), median(values), quantile(medians, 1 - out))


def quantile(values: Sequence[float], share: float) -> float:
    """
    The smallest value that so large a share of them does not exceed.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5), quantile([5.0], 0.99)
    (2.0, 5.0)
    """
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def verdict(found: Interval, sense: Sense, must: float | None, aim: float | None) -> Verdict:
    """What may be said: the bad end must hold for a yes, and the good end fail for a no."""
    if must is None:
        return Verdict.PART
    up = sense is Sense.AT_LEAST
    worst, best = (found.low, found.high) if up else (found.high, found.low)

    def holds(end: float, bound: float) -> bool:
        return end >= bound if up else end <= bound

    if not holds(best, must):
        return Verdict.MISSED
    if not holds(worst, must):
        return Verdict.NOISE
    return Verdict.AIMED if aim is not None and holds(worst, aim) else Verdict.MET
