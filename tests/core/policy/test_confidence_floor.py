from __future__ import annotations

import pytest

from bot.core.policy import confidence_floor
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_rulebook, a_safety


@pytest.mark.parametrize(
    ("sure", "own", "expected"),
    [
        (0.80, None, Ruling.ALLOW),
        (0.79, None, Ruling.ASK),
        (0.75, 0.75, Ruling.ALLOW),
        (0.74, 0.75, Ruling.ASK),
        (0.84, 0.85, Ruling.ASK),
    ],
)
def test_below_the_floor_a_person_decides(sure: float, own: float | None, expected: Ruling) -> None:
    case = a_case(plan=a_plan(confidence=sure), safety=a_safety(min_confidence=own))

    assert confidence_floor.judge(case).ruling == expected


def test_the_policy_may_raise_the_floor() -> None:
    case = a_case(plan=a_plan(confidence=0.9), rulebook=a_rulebook(confidence_floor=0.95))

    actual = confidence_floor.judge(case)

    assert actual.reason == "90 % certain, below the floor of 95 %: a person decides"
