"""
Concurrency: so many runs at once in the whole house; the next ones wait their turn in a queue.

A slot is taken when a run begins, so a plan is let through that will wait; one that finds every
place of the queue taken is refused. An undo waits as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.holds import Holds
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import count

RULE = "concurrency"
STRICTEST = Ruling.DENY


class Turn(NamedTuple):
    """Where a plan stands: `place` 0 may begin, 1 is next; how many wait, and how many run."""

    place: int
    of: int
    running: int


def judge(case: Case) -> Verdict:
    """Deny when no place is left to wait in, and name the runs that are under way."""
    stands = turn(case)
    said = _under_way(case, stands)
    if not stands.place:
        return verdict.allow(RULE, said)
    if _finds_no_place(case, stands):
        waiting = count(case.rulebook.queue.places, "place")
        return verdict.deny(RULE, f"overflow: {said}, and the queue of {waiting} is full")
    return verdict.allow(RULE, f"{said}: it waits its turn, {stands.place} of {stands.of}")


def under_way(case: Case) -> str:
    """How many runs there are of how many, and which, when that is all."""
    return _under_way(case, turn(case))


def _under_way(case: Case, stands: Turn) -> str:
    limit = case.rulebook.concurrency
    said = f"{stands.running} of {count(limit, 'run')} under way"
    if stands.running < limit:
        return said
    return f"{said} ({', '.join(sorted(case.holds.incidents - {case.plan.incident}))})"


def turn(case: Case) -> Turn:
    """Where it stands in the queue; behind all who wait, when it has not taken its place yet."""
    return stands(case.plan.incident, case.holds, case.queue, case.rulebook.concurrency)


def stands(own: str, holds: Holds, queue: Sequence[str], limit: int) -> Turn:
    """The same of an incident that is not judged yet: nothing else of it counts."""
    running = len(holds.incidents) - (own in holds.incidents)
    line = [one for one in queue if one not in holds.incidents or one == own]
    before = line.index(own) if own in line else len(line)
    free = max(0, limit - running)
    waiting = max(before + 1, len(line)) - free
    return Turn(max(0, before + 1 - free), max(0, waiting), running)


def overflows(case: Case) -> bool:
    """Whether it finds no place to wait in; who has one keeps it."""
    return _finds_no_place(case, turn(case))


def _finds_no_place(case: Case, stands: Turn) -> bool:
    return case.plan.incident not in case.queue and stands.place > case.rulebook.queue.places
