from __future__ import annotations

import pytest

from bot.core.policy import concurrency
from bot.core.policy.holds import Hold, Holds
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case


def holds(*incidents: str) -> Holds:
    return Holds(Hold(incident=incident, targets=()) for incident in incidents)


@pytest.mark.parametrize(
    ("incidents", "expected"),
    [
        ((), Ruling.ALLOW),
        (("inc-1", "inc-2"), Ruling.ALLOW),
        (("inc-1", "inc-2", "inc-9"), Ruling.ALLOW),
        (("inc-1", "inc-2", "inc-2"), Ruling.ALLOW),
        (("inc-1", "inc-2", "inc-3"), Ruling.DENY),
    ],
)
def test_the_fourth_run_at_once_is_refused(incidents: tuple[str, ...], expected: Ruling) -> None:
    assert concurrency.judge(a_case(holds=holds(*incidents))).ruling == expected


def test_the_runs_under_way_are_named() -> None:
    actual = concurrency.judge(a_case(holds=holds("inc-3", "inc-1", "inc-2")))

    assert actual.reason == ("3 of 3 runs under way (inc-1, inc-2, inc-3): wait until one is over")
