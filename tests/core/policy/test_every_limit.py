"""
Every limit that the house was asked for, by name: each is a window of its own, all hold at once.

Three an hour in all; two, three, five or ten an hour for a runbook; one an hour for a service;
three on a service, then a person; three in ten minutes on a target; three under way at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest

from bot.core.lifecycle import State
from bot.core.policy import rules
from bot.core.policy.case import Case
from bot.core.policy.history import Attempt
from bot.core.policy.holds import Hold, Holds
from bot.core.policy.verdict import Ruling, Verdict
from tests.core.policy.builders import (
    HOUR,
    KEY,
    MINUTE,
    NOW,
    SECOND,
    a_case,
    a_rulebook,
    a_safety,
    an_attempt,
)

ELSEWHERE: dict[str, Any] = {
    "runbook": "other", "service": "other", "environment": "other", "targets": ("other",),
}  # fmt: skip


class Limit(NamedTuple):
    """How it is written, what only it counts, and what it is called when it is used up."""

    said: dict[str, Any]
    counts: dict[str, Any]
    named: str

    @property
    def most(self) -> int:
        return int(self.said["limit"])


HOURLY = {
    f"{most} an hour for a runbook": Limit(
        {"limit": most, "within": "1h"}, {"runbook": "restart-shop"},
        f"runbook restart-shop: {most} of {most} in 1 h",
    )
    for most in (2, 3, 5, 10)
}  # fmt: skip
HOUSE = {
    "3 an hour in all": Limit(
        {"per": "everything", "limit": 3, "within": "1h"}, {}, "everything: 3 of 3 in 1 h"
    ),
    "1 an hour for a service": Limit(
        {"per": "service", "limit": 1, "within": "1h", "services": ["shop"]},
        {"service": "shop", "environment": "staging"},
        "service shop in staging: 1 of 1 in 1 h",
    ),
    "3 attempts, then a person": Limit(
        {"per": "service", "limit": 3, "within": "1d"},
        {"service": "shop", "environment": "staging"},
        "service shop in staging: 3 of 3 in 1 day",
    ),
    "3 in 10 min on a target": Limit(
        {"per": "target", "limit": 3, "within": "10m"}, {"targets": (KEY,)},
        "the target unit:shop: 3 of 3 in 10 min",
    ),
}  # fmt: skip
LIMITS = {**HOURLY, **HOUSE}


def case(*names: str, attempts: tuple[Attempt, ...] = ()) -> Case:
    """A plan before these limits; a runbook says at least one of its own."""
    own = [LIMITS[name].said for name in names if name in HOURLY]
    house = [LIMITS[name].said for name in names if name in HOUSE]
    safety = a_safety(cool_down="1s", attempts=own or [{"limit": 100, "within": "7d"}])
    rulebook = a_rulebook(rates=house, breaker={"failures": 100})
    return a_case(safety=safety, rulebook=rulebook, attempts=attempts)


def used(limit: Limit, count: int, ended: State | None = State.RESOLVED) -> tuple[Attempt, ...]:
    """So many attempts that nothing else but this limit counts."""
    return tuple(
        an_attempt((at + 2) * MINUTE, ended, incident=f"inc-{at}", **{**ELSEWHERE, **limit.counts})
        for at in range(count)
    )


def windows(made: Case) -> Verdict:
    (found,) = (one for one in rules.judge(made).verdicts if one.rule == "rate window")
    return found


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("ended", [State.RESOLVED, State.ESCALATED, State.CANCELLED])
def test_a_limit_that_is_used_up_refuses_by_its_name_whatever_came_of_the_attempts(
    name: str, ended: State
) -> None:
    limit = LIMITS[name]
    full = case(name, attempts=used(limit, limit.most, ended))
    room = case(name, attempts=used(limit, limit.most - 1, ended))

    assert windows(full).ruling is rules.judge(full).ruling is Ruling.DENY
    assert windows(full).reason.startswith(f"used up: {limit.named}; ")
    assert windows(room).ruling is Ruling.ALLOW


@pytest.mark.parametrize("name", LIMITS)
def test_it_is_free_again_when_its_oldest_attempt_has_left_and_not_before(name: str) -> None:
    limit = LIMITS[name]
    attempts = used(limit, limit.most)
    full = case(name, attempts=attempts)
    within = {"1h": HOUR, "1d": timedelta(days=1), "10m": 10 * MINUTE}[limit.said["within"]]
    free = min(attempt.at for attempt in attempts) + within

    assert windows(full).reason.endswith(f"free at {free:%Y-%m-%d %H:%M:%S} UTC")
    assert windows(replace(full, now=free - SECOND)).ruling is Ruling.DENY
    assert windows(replace(full, now=free)).ruling is Ruling.ALLOW


@pytest.mark.parametrize(("name", "other"), [pair for pair in product(LIMITS, LIMITS)
                                             if pair[0] != pair[1]])  # fmt: skip
def test_of_two_limits_the_one_that_is_used_up_decides(name: str, other: str) -> None:
    limit = LIMITS[name]
    attempts = used(limit, limit.most)
    both = case(name, other, attempts=attempts)

    assert windows(both).ruling is Ruling.DENY
    assert limit.named in windows(both).reason


def test_all_limits_hold_at_once_and_each_that_is_used_up_is_named() -> None:
    every = {name: one for name, one in LIMITS.items() if "10 an" not in name}
    attempts = tuple(an_attempt((at + 2) * MINUTE, incident=f"inc-{at}") for at in range(5))
    found = windows(case(*every, attempts=attempts))

    assert found.ruling is Ruling.DENY
    for limit in every.values():
        assert limit.named.replace(f"{limit.most} of", "5 of", 1) in found.reason


def test_with_room_in_every_window_a_plan_may_begin() -> None:
    every = [name for name in LIMITS if name != "1 an hour for a service"]

    assert rules.judge(case(*every, attempts=(an_attempt(2 * MINUTE),))).ruling is Ruling.ALLOW


@pytest.mark.parametrize(("running", "waits"), [(2, False), (3, True)])
def test_three_run_at_once_and_the_fourth_is_told_that_it_waits(running: int, waits: bool) -> None:
    holds = Holds(Hold(f"inc-{n}", (f"other-{n}",)) for n in range(running))
    verdicts = rules.judge(a_case(holds=holds, now=NOW)).verdicts
    (found,) = (one for one in verdicts if one.rule == "concurrency")

    assert found.reason.startswith(f"{running} of 3 runs under way")
    assert ("waits its turn" in found.reason) is waits
