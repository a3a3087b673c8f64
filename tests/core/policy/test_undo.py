from __future__ import annotations

from bot.core.policy import undo
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan


def test_a_plan_that_takes_nothing_back_is_no_undo() -> None:
    assert undo.judge(a_case()).ruling == Ruling.ALLOW


def test_taking_a_run_back_is_always_asked_for() -> None:
    actual = undo.judge(a_case(plan=a_plan(undoes="inc-1")))

    assert actual.ruling == Ruling.ASK
    assert actual.reason == "it takes back what inc-1 did: a person decides"
