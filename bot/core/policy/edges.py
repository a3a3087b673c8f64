"""
Edges: the instants at which time alone may change what a rule says of a plan.

Nothing of the policy is told apart here: every instant that it, the runbook or people's orders
name is one, and so is every span that they name after each run. Most of them change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel

from bot.core import risk
from bot.core.policy.case import Case


def after(case: Case) -> list[datetime]:
    """Every one that is later than the case's own instant, the next one first."""
    return sorted({at for at in _edges(case) if at > case.now})


def _edges(case: Case) -> Iterator[datetime]:
    named = [*_times(case.rulebook), *_times(case.safety), *_times(case.standing)]
    yield from (time for time in named if isinstance(time, datetime))
    spans = {risk.LATELY, *(time for time in named if isinstance(time, timedelta))}
    for attempt in case.attempts:
        yield from (attempt.at + span for span in spans)


def _times(value: object) -> Iterator[datetime | timedelta]:
    """Every time and every span in a model, however deep."""
    if isinstance(value, datetime | timedelta):
        yield value
    elif isinstance(value, BaseModel):
        for _, field in value:
            yield from _times(field)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _times(each)
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from _times(each)
