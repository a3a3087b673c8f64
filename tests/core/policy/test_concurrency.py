from __future__ import annotations

import pytest

from bot.core.policy import concurrency, verdict
from bot.core.policy.holds import Hold, Holds
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_rulebook


def holds(*incidents: str) -> Holds:
    return Holds(Hold(incident=incident, targets=()) for incident in incidents)


@pytest.mark.parametrize(
    ("incidents", "place"),
    [
        ((), 0),
        (("inc-1", "inc-2"), 0),
        (("inc-1", "inc-2", "inc-9"), 0),
        (("inc-1", "inc-2", "inc-2"), 0),
        (("inc-1", "inc-2", "inc-3"), 1),
    ],
)
def test_the_fourth_run_at_once_waits(incidents: tuple[str, ...], place: int) -> None:
    case = a_case(holds=holds(*incidents))

    assert concurrency.turn(case).place == place
    assert concurrency.judge(case).ruling is Ruling.ALLOW


def test_the_runs_under_way_are_named() -> None:
    actual = concurrency.judge(a_case(holds=holds("inc-3", "inc-1", "inc-2")))

    assert actual.reason == (
        "3 of 3 runs under way (inc-1, inc-2, inc-3): it waits its turn, 1 of 1"
    )


FULL = ("inc-1", "inc-2", "inc-3")
BEFORE = ("inc-4", "inc-5")


@pytest.mark.parametrize(
    ("running", "line", "stands"),
    [
        (FULL, BEFORE, (3, 3)),
        (FULL, (*BEFORE, "inc-9"), (3, 3)),
        (FULL, ("inc-9", *BEFORE), (1, 3)),
        (FULL[:2], BEFORE, (2, 2)),
        (FULL[:2], ("inc-9", *BEFORE), (0, 2)),
        (FULL[:1], BEFORE, (1, 1)),
        ((), BEFORE, (0, 0)),
        ((*FULL, "inc-6"), ("inc-9",), (1, 1)),
        (("inc-1", "inc-4", "inc-5"), BEFORE, (1, 1)),
    ],
)
def test_who_waits_longer_goes_first(
    running: tuple[str, ...], line: tuple[str, ...], stands: tuple[int, int]
) -> None:
    turn = concurrency.turn(a_case(holds=holds(*running), queue=line))

    assert (turn.place, turn.of) == stands


def test_when_every_place_is_taken_one_more_is_refused_and_who_has_one_keeps_it() -> None:
    rules = a_rulebook(queue={"places": 2})
    more = a_case(holds=holds(*FULL), queue=BEFORE, rulebook=rules)
    last = a_case(holds=holds(*FULL), queue=("inc-4", "inc-9"), rulebook=rules)

    assert concurrency.judge(more) == verdict.deny(
        "concurrency",
        "overflow: 3 of 3 runs under way (inc-1, inc-2, inc-3), and the queue of 2 places is full",
    )
    assert concurrency.judge(last).ruling is Ruling.ALLOW
