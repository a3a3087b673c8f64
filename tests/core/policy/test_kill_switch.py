from __future__ import annotations

from bot.core import facts
from bot.core.policy import kill_switch
from bot.core.policy.verdict import Ruling
from bot.core.standing import Standing
from tests.core.policy.builders import a_case, a_plan


def test_a_house_that_is_not_halted_is_no_obstacle() -> None:
    actual = kill_switch.judge(a_case())

    assert actual.ruling == Ruling.ALLOW


def test_nothing_begins_while_the_house_is_halted_and_it_says_by_whom() -> None:
    actual = kill_switch.judge(
        a_case(standing=Standing(halted=facts.Halted(by="U1", why="the rack smokes")))
    )

    assert actual.ruling == Ruling.DENY
    assert actual.reason.startswith("U1 halted everything (the rack smokes)")


def test_a_halt_without_a_reason_is_a_halt() -> None:
    actual = kill_switch.judge(a_case(standing=Standing(halted=facts.Halted(by="U1", why=""))))

    assert actual.reason == "U1 halted everything: nothing begins until it is resumed"


def test_an_undo_is_halted_as_well() -> None:
    case = a_case(
        plan=a_plan(undoes="inc-1"), standing=Standing(halted=facts.Halted(by="U1", why=""))
    )

    assert kill_switch.judge(case).ruling == Ruling.DENY
