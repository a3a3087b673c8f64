"""
Rate window: so many attempts in such a time; every window holds at once, the runbook's own too.

Attempts count, not successes, from the moment they began. An undo is not held up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core import durations
from bot.core.policy import history, verdict
from bot.core.policy.case import Case
from bot.core.policy.history import Attempt
from bot.core.policy.sections import Per, Rate
from bot.core.policy.sections.words import EVERY
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import moment

Names = tuple[str, ...]
RULE = "rate window"
STRICTEST = Ruling.DENY


class Window(NamedTuple):
    """One limit, and the attempts that stand in it now, oldest first."""

    of: str
    limit: int
    within: timedelta
    used: list[Attempt]

    @property
    def full(self) -> bool:
        return len(self.used) >= self.limit

    @property
    def free_at(self) -> datetime:
        """When enough attempts have left a full window that one more fits."""
        return self.used[-self.limit].at + self.within

    def __str__(self) -> str:
        span = durations.in_words(self.within)
        return f"{self.of}: {len(self.used)} of {self.limit} in {span}"


def judge(case: Case) -> Verdict:
    """Deny when any window is used up, and say when the last of them is free again."""
    if case.undoing:
        return verdict.allow(RULE, "an undo is not counted against any window")
    windows = list(windows_of(case))
    full = [window for window in windows if window.full]
    if full:
        free = max(window.free_at for window in full)
        used = "; ".join(str(window) for window in full)
        return verdict.deny(RULE, f"used up: {used}; the next attempt is free at {moment(free)}")
    fullest = min(windows, key=lambda window: window.limit - len(window.used))
    return verdict.allow(RULE, f"used so far: {fullest}")


def windows_of(case: Case) -> Iterator[Window]:
    """Every window that looks at this plan: the runbook's own limits first, then the house's."""
    plan, ordered = case.plan, sorted(case.attempts, key=_at)
    for limit in case.safety.attempts:
        latest = _within(ordered, case.now, limit.within)
        used = [attempt for attempt in latest if attempt.runbook == plan.runbook]
        yield Window(f"runbook {plan.runbook}", limit.limit, limit.within, used)
    counted = _Counted(case, ordered)
    for rate in case.rulebook.rates:
        if rate.covers(plan.service, plan.environment):
            for name, together in counted.by(rate):
                used = _within(together, case.now, rate.within)
                yield Window(name, rate.limit, rate.within, used)


class _Counted:
    """What windows count together; many of them are about the same place, and count the same."""

    def __init__(self, case: Case, ordered: list[Attempt]) -> None:
        self._case = case
        self._ordered = ordered
        self._covered: dict[tuple[Names, Names], list[Attempt]] = {}
        self._known: dict[tuple[Per, Names, Names], list[tuple[str, list[Attempt]]]] = {}

    def by(self, rate: Rate) -> list[tuple[str, list[Attempt]]]:
        """Each thing that the rate counts by, and its attempts, oldest first."""
        place = (rate.environments, rate.services)
        key = (rate.per, *place)
        if key not in self._known:
            if place not in self._covered:
                self._covered[place] = self._within_its_place(rate)
            self._known[key] = list(_together(rate.per, self._covered[place], self._case))
        return self._known[key]

    def _within_its_place(self, rate: Rate) -> list[Attempt]:
        if rate.environments == rate.services == EVERY:
            return self._ordered
        return [one for one in self._ordered if rate.covers(one.service, one.environment)]


def _at(attempt: Attempt) -> datetime:
    return attempt.at


def _within(ordered: list[Attempt], now: datetime, span: timedelta) -> list[Attempt]:
    """As history.within, of what is in order already."""
    return ordered[bisect_right(ordered, now - span, key=_at) :]


def _together(per: Per, attempts: list[Attempt], case: Case) -> Iterator[tuple[str, list[Attempt]]]:
    plan = case.plan
    match per:
        case Per.RUNBOOK:
            yield f"runbook {plan.runbook}", [a for a in attempts if a.runbook == plan.runbook]
        case Per.SERVICE:
            counted = history.of_service(attempts, plan.service, plan.environment)
            yield f"service {plan.service} in {plan.environment}", counted
        case Per.TARGET:
            for target in case.targets:
                yield target.name, [a for a in attempts if target.key in a.targets]
        case Per.ENVIRONMENT:
            counted = [a for a in attempts if a.environment == plan.environment]
            yield f"environment {plan.environment}", counted
        case _:
            yield Per.EVERYTHING, attempts
