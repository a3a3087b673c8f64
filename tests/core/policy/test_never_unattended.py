from __future__ import annotations

import pytest

from bot.core.policy import never_unattended
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_rulebook, a_step


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ((), Ruling.ALLOW),
        (("kubernetes.rest",), Ruling.ALLOW),
        (("kubernetes.restart",), Ruling.ASK),
        (("host.*", "kubernetes.*"), Ruling.ASK),
    ],
)
def test_an_action_on_the_list_is_always_shown(listed: tuple[str, ...], expected: Ruling) -> None:
    case = a_case(rulebook=a_rulebook(never_unattended=listed))

    assert never_unattended.judge(case).ruling == expected


def test_one_listed_action_among_others_is_enough_and_is_named() -> None:
    plan = a_plan(a_step(), a_step(number=2, action="dns.failover"))
    case = a_case(plan=plan, rulebook=a_rulebook(never_unattended=["*.failover"]))

    actual = never_unattended.judge(case)

    assert actual.reason == "step 2, dns.failover, never runs without a person's yes"
