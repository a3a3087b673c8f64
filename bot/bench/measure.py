"""Measure: who competes in what, which of their values are compared, and how close is enough."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bot.core.errors import HealError

OURS = "ours"


class NotMeasured(HealError):  # noqa: N818 - what it is, not a slip of ours
    """A contestant could not be played to its end: its process died, or never became ready."""


@dataclass(frozen=True)
class Cores:
    """Which core the servers have, and which one those who load them; None is any of them."""

    server: int | None = None
    client: int | None = None


@dataclass(frozen=True)
class Trial:
    """One contestant's turn in one round: an empty directory, and for how long to play."""

    directory: Path
    seconds: float
    cores: Cores
    quick: bool = False
    """Only to see that it runs: counts may be as small as they can be."""

    def count(self, full: int, quick: int) -> int:
        return quick if self.quick else full


@dataclass(frozen=True)
class Sample:
    """What one turn gave; `fails` says what was lost or wrong, and then no value counts."""

    values: Mapping[str, float] = field(default_factory=dict)
    fails: str = ""


Play = Callable[[Trial], Awaitable[Sample]]


class Sense(StrEnum):
    """Which way is good."""

    AT_LEAST = "≥"
    AT_MOST = "≤"


@dataclass(frozen=True)
class Goal:
    """
    One comparison: `value` of `of` divided by the same of `over`, or as it is without `over`.

    `must` gates, `aim` is near the limit. `unit` is that of the value itself. Without a `must` it
    says what another one consists of.
    """

    says: str
    value: str
    sense: Sense
    must: float | None = None
    aim: float | None = None
    over: str = ""
    of: str = OURS
    unit: str = ""


@dataclass(frozen=True)
class Measure:
    """Contestants by name, in the order of a round; every goal names two of them, or one."""

    id: str
    what: str
    contestants: Mapping[str, Play]
    goals: tuple[Goal, ...]
    most_rounds: int = 99
    """Fewer than are asked for, where a turn is long by itself."""
