"""
Circuit breaker: after repeated failures on one service nothing runs unattended any more.

Closed: all is well. Open: every plan asks. Half-open, when its time is over: one plan may be
tried, by asking; a success closes it, a failure opens it again. An undo is not held up. The
state is computed from the attempts each time, so there is nothing to store and nothing to reset.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bot.core import durations
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.history import Attempt
from bot.core.policy.sections import Breaker
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import count, moment

RULE = "circuit breaker"
STRICTEST = Ruling.DENY


class Position(StrEnum):
    """How a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Circuit(NamedTuple):
    """How it stands, the failures of its window and, unless closed, the end of being open."""

    position: Position
    failures: int
    until: datetime | None = None


def judge(case: Case) -> Verdict:
    """Ask while open and for the trial; deny a second trial beside one that is under way."""
    if case.undoing:
        return verdict.allow(RULE, "an undo is not held up")
    breaker, where = case.rulebook.breaker, f"{case.plan.service} in {case.plan.environment}"
    circuit = read(case.tried, breaker, case.now)
    if circuit.until is None:
        span = durations.in_words(breaker.within)
        said = f"closed: {circuit.failures} of {count(breaker.failures, 'failed run')} in {span}"
        return verdict.allow(RULE, f"{said} on {where}")
    if circuit.position is Position.OPEN:
        why = f"runs on {where} keep failing"
        return verdict.ask(RULE, f"open until {moment(circuit.until)}: {why}, so a person decides")
    trial = next((a for a in case.tried if a.running and a.at >= circuit.until), None)
    if trial is not None:
        return verdict.deny(RULE, f"half-open: {trial.incident} is the one trial on {where}")
    return verdict.ask(
        RULE, f"half-open since {moment(circuit.until)}: a person allows one trial on {where}"
    )


def read(attempts: Iterable[Attempt], breaker: Breaker, now: datetime) -> Circuit:
    """
    Walk the attempts on one service, in any order, and return how its breaker stands.

    Of two that began at one instant the failure counts as the later one.
    """
    failures: list[datetime] = []
    opened: datetime | None = None
    for attempt in sorted(attempts, key=lambda each: (each.at, each.failed)):
        if attempt.failed:
            failures = [at for at in failures if attempt.at - at < breaker.within]
            failures.append(attempt.at)
            if opened or len(failures) >= breaker.failures:
                opened = attempt.at
        elif opened and not attempt.running:
            failures, opened = [], None

    recent = sum(now - at < breaker.within for at in failures)
    if opened is None:
        return Circuit(Position.CLOSED, recent)
    until = opened + breaker.opens_for
    return Circuit(Position.OPEN if now < until else Position.HALF_OPEN, recent, until)
