from __future__ import annotations

from bot.core.policy import target_lock
from bot.core.policy.holds import Hold, Holds
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import KEY, a_case, a_plan


def test_a_free_target_may_be_touched() -> None:
    case = a_case(holds=Holds([Hold(incident="inc-2", targets=("other",))]))

    assert target_lock.judge(case).ruling == Ruling.ALLOW


def test_a_target_that_another_run_holds_is_refused_and_that_run_is_named() -> None:
    actual = target_lock.judge(
        a_case(holds=Holds([Hold(incident="inc-2", targets=("other", KEY))]))
    )

    assert actual.ruling == Ruling.DENY
    assert actual.reason == "inc-2 is working on the target unit:shop: wait until it is over"


def test_an_incident_does_not_lock_itself_out() -> None:
    case = a_case(holds=Holds([Hold(incident="inc-9", targets=(KEY,))]))

    assert target_lock.judge(case).ruling == Ruling.ALLOW


def test_an_undo_waits_for_the_lock() -> None:
    hold = Hold(incident="inc-2", targets=(KEY,))
    case = a_case(plan=a_plan(undoes="inc-1"), holds=Holds([hold]))

    assert target_lock.judge(case).ruling == Ruling.DENY
