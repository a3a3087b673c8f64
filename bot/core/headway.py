"""Headway: how far something that goes on is, in words, and how long it may take still; pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import AwareDatetime

from bot.core import telling
from bot.core.values import Frozen

_COUNT = re.compile(r"(\d[\d,]{0,14}) of (?:about )?(\d[\d,]{0,14})\b")
SOON = 3.0
"""Seconds below which nobody is told how many are left: it is over before it is read."""


class Headway(Frozen):
    """`left` is in seconds; None while that cannot be told."""

    says: str
    at: AwareDatetime
    left: float | None = None


class Count(NamedTuple):
    """So many of so many, as a sentence begins: "8 of 12 pods are ready"."""

    done: int
    of: int


def counted(says: str) -> Count | None:
    """
    Read the count that a sentence begins with.

    >>> counted("1,200 of about 9,000 keys are gone")
    Count(done=1200, of=9000)
    >>> counted("the change is not observed yet")
    """
    found = _COUNT.match(says)
    return Count(*(int(one.replace(",", "")) for one in found.groups())) if found else None


def left(first: Count, now: Count, seconds: float) -> float | None:
    """
    The seconds that the rest takes when it goes on as it went for so many seconds.

    >>> left(Count(4, 12), Count(8, 12), 60.0)
    60.0
    """
    done = now.done - first.done
    if done <= 0 or now.done > now.of:
        return None
    return seconds * (now.of - now.done) / done


def line(headway: Headway) -> str:
    """
    Say it, with what is left where that can be told.

    >>> from datetime import UTC, datetime
    >>> line(Headway(says="8 of 12 pods are ready", at=datetime.now(UTC), left=118))
    '8 of 12 pods are ready, about 2 min left'
    """
    if headway.left is None or headway.left < SOON:
        return headway.says
    return f"{headway.says}, about {telling.span(_rounded(headway.left))} left"


def _rounded(seconds: float) -> float:
    """An estimate says no more than it knows: whole minutes, or steps of five seconds."""
    step = 60 if seconds >= 90 else 5
    return max(1, round(seconds / step)) * step
