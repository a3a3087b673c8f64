"""
Circuit breaker: after repeated failures on one service nothing runs unattended any more.

Closed: all is well. Open: every plan asks. Half-open, when its time is over: one plan may be
tried, by asking; a success closes it, a failure opens it again. An undo is not held up. The
state is computed from the attempts each time, so there is nothing to store and nothing to reset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    failed: tuple[Attempt, ...] = ()
    """The runs that opened it, and those that failed since."""


class Tripped(NamedTuple):
    """A service whose breaker is not closed."""

    service: str
    environment: str
    circuit: Circuit


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

    Of two of one instant the failure counts as the later one. What was called healed and came back
    failed when it came back.
    """
    failures: list[Attempt] = []
    opened: datetime | None = None
    for attempt in sorted(attempts, key=lambda each: (each.moment, each.failed)):
        at = attempt.moment
        if attempt.failed:
            if opened is None:
                failures = [one for one in failures if at - one.moment < breaker.within]
            failures.append(attempt)
            if opened or len(failures) >= breaker.failures:
                opened = at
        elif opened and not attempt.running:
            failures, opened = [], None

    recent = sum(now - one.moment < breaker.within for one in failures)
    if opened is None:
        return Circuit(Position.CLOSED, recent)
    until = opened + breaker.open_for
    position = Position.OPEN if now < until else Position.HALF_OPEN
    return Circuit(position, recent, until, tuple(failures))


def tripped(
    services: Iterable[Sequence[Attempt]], breaker: Breaker, now: datetime
) -> Iterator[Tripped]:
    """Those of the services, each given by its attempts, whose breaker is open or half-open."""
    for attempts in services:
        circuit = read(attempts, breaker, now)
        if attempts and circuit.position is not Position.CLOSED:
            yield Tripped(attempts[0].service, attempts[0].environment, circuit)
