from __future__ import annotations

from bot.core.policy import preconditions
from bot.core.policy.case import Precondition
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case


def test_a_precondition_that_holds_allows() -> None:
    assert preconditions.judge(a_case()).ruling == Ruling.ALLOW


def test_a_precondition_that_does_not_hold_denies_with_its_reason() -> None:
    case = a_case(safe=Precondition(held=False, why="a deployment is under way"))

    actual = preconditions.judge(case)

    assert actual.ruling == Ruling.DENY
    assert actual.reason.endswith("restart-shop does not hold: a deployment is under way")


def test_a_precondition_that_fails_silently_denies_too() -> None:
    actual = preconditions.judge(a_case(safe=Precondition(held=False)))

    assert actual.reason.endswith("no reason was given")
