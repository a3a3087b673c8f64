"""
Rate window: so many attempts in such a time; every window holds at once, the runbook's own too.

Attempts count, not successes, from the moment they began. An undo is not held up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core import durations
from bot.core.policy import history, verdict
from bot.core.policy.case import Case
from bot.core.policy.history import Attempt
from bot.core.policy.sections import Per, Rate
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import moment

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
    plan = case.plan
    own = [attempt for attempt in case.attempts if attempt.runbook == plan.runbook]
    for limit in case.safety.attempts:
        used = history.within(own, case.now, limit.within)
        yield Window(f"runbook {plan.runbook}", limit.limit, limit.within, used)
    for rate in case.rulebook.rates:
        if rate.covers(plan.service, plan.environment):
            yield from _windows(rate, case)


def _windows(rate: Rate, case: Case) -> Iterator[Window]:
    covered = [a for a in case.attempts if rate.covers(a.service, a.environment)]
    for name, counted in _together(rate.per, covered, case):
        used = history.within(counted, case.now, rate.within)
        yield Window(name, rate.limit, rate.within, used)


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
