"""
Concurrency: so many runs at once in the whole house; the next ones wait their turn in a queue.

A slot is taken when a run begins, so a plan is let through that will wait; one that finds every
place of the queue taken is refused. An undo waits as well.
"""

from __future__ import annotations

from typing import NamedTuple

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import count

RULE = "concurrency"
STRICTEST = Ruling.DENY


class Turn(NamedTuple):
    """Where a plan stands: `place` 0 may begin, 1 is next; how many wait; the runs under way."""

    place: int
    of: int
    running: tuple[str, ...]


def judge(case: Case) -> Verdict:
    """Deny when no place is left to wait in, and name the runs that are under way."""
    stands, said = turn(case), under_way(case)
    if not stands.place:
        return verdict.allow(RULE, said)
    if overflows(case):
        waiting = count(case.rulebook.queue.places, "place")
        return verdict.deny(RULE, f"overflow: {said}, and the queue of {waiting} is full")
    return verdict.allow(RULE, f"{said}: it waits its turn, {stands.place} of {stands.of}")


def under_way(case: Case) -> str:
    """How many runs there are of how many, and which, when that is all."""
    running, limit = turn(case).running, case.rulebook.concurrency
    said = f"{len(running)} of {count(limit, 'run')} under way"
    return f"{said} ({', '.join(running)})" if len(running) >= limit else said


def turn(case: Case) -> Turn:
    """Where it stands in the queue; behind all who wait, when it has not taken its place yet."""
    own = case.plan.incident
    running = tuple(sorted(case.holds.incidents - {own}))
    line = [one for one in case.queue if one not in case.holds.incidents or one == own]
    before = line.index(own) if own in line else len(line)
    free = max(0, case.rulebook.concurrency - len(running))
    waiting = max(before + 1, len(line)) - free
    return Turn(max(0, before + 1 - free), max(0, waiting), running)


def overflows(case: Case) -> bool:
    """Whether it finds no place to wait in; who has one keeps it."""
    return case.plan.incident not in case.queue and turn(case).place > case.rulebook.queue.places
