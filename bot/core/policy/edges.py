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
from bot.core.policy.timetable import Calendar

AHEAD = timedelta(days=400)
"""How far windows that recur are looked at: a year, and more than its longest month."""


def after(case: Case, calendars: Mapping[str, Calendar]) -> list[datetime]:
    """Every one that is later than the case's own instant, the next one first."""
    found = {*_edges(case), *_windows(case, calendars)}
    return sorted(at for at in found if at > case.now)


def _edges(case: Case) -> Iterator[datetime]:
    named = [*_times(case.rulebook), *_times(case.safety), *_times(case.standing)]
    yield from (at for at in named if isinstance(at, datetime) and at.tzinfo is not None)
    spans = {risk.LATELY, *(time for time in named if isinstance(time, timedelta))}
    for attempt in case.attempts:
        yield from (attempt.at + span for span in spans)


def _windows(case: Case, calendars: Mapping[str, Calendar]) -> Iterator[datetime]:
    """When a freeze or a maintenance window begins or ends, as far ahead as anybody asks."""
    since, until = case.now, case.now + AHEAD
    for window in (*case.rulebook.freezes, *case.rulebook.maintenance):
        spans = window.spans(since, until)
        if window.calendar and (calendar := calendars.get(window.calendar)):
            spans = calendar.spans(since, until, window.timezone or "UTC")
            if calendar.read_at is not None:
                yield calendar.read_at + window.keeps
        yield from (edge for span in spans for edge in span)


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
