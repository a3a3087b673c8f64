"""Figures: what a while of healing came to; every rate says of how many, every span of whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import NamedTuple

from bot.core.approval import Ending
from bot.core.course import Course
from bot.core.lifecycle import Event
from bot.core.policy.verdict import Ruling

SUCCESS = "80 % or more, but not all"
AUTO = "30 to 60 %"
WRONG = "under 5 %"
HEALED = "under 10 min"
"""What is usually aimed at; where all that was tried helps, too little is tried."""


class Rate(NamedTuple):
    """A part of a whole, both counted."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """None of nothing."""
        return 100 * self.part / self.whole if self.whole else None


class Span(NamedTuple):
    """How long something took: the middle, the mean and the longest, in seconds."""

    of: int
    median: float = 0.0
    mean: float = 0.0
    longest: float = 0.0


class Tally(NamedTuple):
    """The sums of some courses: of all, or of one runbook."""

    incidents: int
    """Alerts that were shown, as troubles; wishes of people are none."""
    wishes: int
    unmatched: int
    denied: int
    """By policy, for their last plan."""
    asked: int
    approved: int
    rejected: int
    expired: int
    withdrawn: int
    """Their alert cleared before anything was done."""
    healthy: int
    escalated: int
    still_open: int
    attempted: int
    verified: int
    came_back: int
    rolled_back: int
    left: int
    """Runs that could not be taken back whole."""
    false: int
    alone: int

    @property
    def success(self) -> Rate:
        """Verified of attempted."""
        return Rate(self.verified, self.attempted)

    @property
    def auto(self) -> Rate:
        """Resolved without anybody being asked, of all incidents."""
        return Rate(self.alone, self.incidents)

    @property
    def wrong(self) -> Rate:
        """False actions of attempted."""
        return Rate(self.false, self.attempted)


class Figures(NamedTuple):
    """What `[since, until)` came to, by when incidents were opened; as it is known now."""

    since: datetime
    until: datetime
    all: Tally
    healed: Span
    """From the opening to the proof, of what Heal healed and what stayed healed."""
    cleared: Span
    """From the opening to the all-clear, of alerts that Heal did nothing about."""
    taken_up: Span
    """From the opening until people or policy decided."""
    waiting: Span
    """What people took to decide once they were asked."""
    runbooks: Mapping[str, Tally]
    unmatched: Mapping[tuple[str, str], int]
    """How many incidents had no runbook, by alert and service, the most first."""
    services: Mapping[str, int]
    """How many incidents each service had, the most first."""


def figures(courses: Sequence[Course], since: datetime, until: datetime) -> Figures:
    """Count what these came to, which were opened in `[since, until)`."""
    told = [one for one in courses if not (one.quiet or one.dry)]
    incidents = [one for one in told if one.counts]
    without = [one for one in incidents if one.event is Event.ALERT_CLEARED and not one.started_at]
    unmatched = Counter((one.alert, one.service) for one in incidents if _unmatched(one))
    return Figures(
        since=since,
        until=until,
        all=tally(told),
        healed=_span(told, lambda one: one.healing),
        cleared=_span(without, lambda one: _between(one.opened_at, one.closed_at)),
        taken_up=_span(incidents, lambda one: _between(one.opened_at, one.taken_up_at)),
        waiting=_span(told, lambda one: one.waiting),
        runbooks={name: tally(of) for name, of in sorted(_by_runbook(told).items())},
        unmatched=dict(unmatched.most_common()),
        services=dict(Counter(one.service for one in incidents).most_common()),
    )


def tally(courses: Iterable[Course]) -> Tally:
    """Add them up."""
    sums: Counter[str] = Counter()
    for one in courses:
        sums.update(word for word, is_so in _counted(one).items() if is_so)
    return Tally(**{word: sums[word] for word in Tally._fields})


def _counted(one: Course) -> dict[str, bool]:
    return {
        "incidents": one.counts,
        "wishes": not one.alert,
        "unmatched": one.counts and _unmatched(one),
        "denied": one.ruling is Ruling.DENY,
        "asked": one.asked_at is not None,
        "approved": one.ending is Ending.APPROVED,
        "rejected": one.ending is Ending.REJECTED,
        "expired": one.event is Event.APPROVAL_EXPIRED,
        "withdrawn": one.event is Event.ALERT_CLEARED and one.started_at is None,
        "healthy": one.event is Event.WAS_HEALTHY,
        "escalated": bool(one.escalated_to),
        "still_open": one.event is None,
        "attempted": one.attempted,
        "verified": one.verified,
        "came_back": one.attempted and one.came_back,
        "rolled_back": one.attempted and one.rolled_back is True,
        "left": one.attempted and one.rolled_back is False,
        "false": one.false,
        "alone": one.alone,
    }


def _unmatched(one: Course) -> bool:
    return not one.runbook and bool(one.why_none)


def _by_runbook(courses: Sequence[Course]) -> dict[str, list[Course]]:
    found: dict[str, list[Course]] = {}
    for one in courses:
        if one.runbook:
            found.setdefault(one.runbook, []).append(one)
    return found


def _between(began: datetime, ended: datetime | None) -> timedelta | None:
    return ended - began if ended else None


def _span(courses: Iterable[Course], took: Callable[[Course], timedelta | None]) -> Span:
    spans = [found.total_seconds() for one in courses if (found := took(one)) is not None]
    if not spans:
        return Span(0)
    return Span(len(spans), median(spans), fmean(spans), max(spans))
