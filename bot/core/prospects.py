"""Prospects: what figures say should be automated next, and what not any longer; the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.core.course import Course
from bot.core.figures import Figures, Tally, figures

MOST = 5
"""Pieces of advice of one sort: those with the most behind them."""
SURE = 3
"""Times that something happened before anything follows from it."""
POOR = 50
"""Percent of runs verified below which a runbook does more harm than good."""
AGAIN = 30
"""Percent of verified runs after which the trouble came back, from which on it hides a cause."""
MANY = 10
"""Runs from which on it is worth saying that all of them helped."""


class Advice(NamedTuple):
    """What it is about, and why."""

    about: str
    why: str


class Prospects(NamedTuple):
    """Each the most telling first."""

    automate: tuple[Advice, ...]
    stop: tuple[Advice, ...]
    note: str
    """What the success rate itself says; empty when nothing."""


class Report(NamedTuple):
    """A while of healing: what it came to, what follows, and what it was made of."""

    figures: Figures
    prospects: Prospects
    courses: Sequence[Course]


def report(courses: Sequence[Course], since: datetime, until: datetime) -> Report:
    """Make the report of these, which were opened in `[since, until)`."""
    counted = figures(courses, since, until)
    return Report(counted, prospects(counted), courses)


def prospects(figures: Figures) -> Prospects:
    """Say what follows from figures."""
    return Prospects(
        automate=(*_unmatched(figures), *_always_approved(figures))[:MOST],
        stop=tuple(_poor(figures))[:MOST],
        note=_note(figures.all),
    )


def _unmatched(figures: Figures) -> Iterator[Advice]:
    for (alert, service), count in figures.unmatched.items():
        yield Advice(
            f"{alert} on {service or 'a service nobody named'}",
            f"{_times(count)} there was no runbook for it, and a person was called",
        )


def _always_approved(figures: Figures) -> Iterator[Advice]:
    found = [
        (name, one)
        for name, one in figures.runbooks.items()
        if one.approved >= SURE
        and not (one.rejected or one.came_back or one.false)
        and one.verified == one.attempted
    ]
    for name, one in sorted(found, key=lambda each: -each[1].approved):
        yield Advice(
            name,
            f"people said yes {_times(one.approved)} and never no, and each of {one.attempted} "
            "runs was verified and stayed so: where the risk is low it may run unattended",
        )


def _poor(figures: Figures) -> Iterator[Advice]:
    for name, one in figures.runbooks.items():
        if reasons := list(_against(one)):
            yield Advice(name, "; ".join(reasons))


def _against(one: Tally) -> Iterator[str]:
    if one.attempted >= SURE and (one.success.percent or 0) < POOR:
        yield f"only {one.verified} of {one.attempted} runs were verified"
    if one.false:
        yield f"people found {one.false} of {one.attempted} runs wrong or took them back"
    if one.came_back >= SURE and 100 * one.came_back >= AGAIN * one.verified:
        yield (
            f"after {one.came_back} of {one.verified} verified runs the trouble came back: "
            "find its cause"
        )
    if one.rejected >= SURE and one.rejected > one.approved:
        yield f"people said no {_times(one.rejected)} and yes {_times(one.approved)}"


def _note(one: Tally) -> str:
    if one.attempted >= MANY and one.verified == one.attempted:
        return (
            f"Every one of {one.attempted} runs was verified. That is rather too good: most likely "
            "more could be automated than is."
        )
    return ""


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
