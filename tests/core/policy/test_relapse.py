from __future__ import annotations

from bot.core.policy import relapse
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case


def test_a_new_trouble_is_no_relapse() -> None:
    assert relapse.judge(a_case()).ruling == Ruling.ALLOW


def test_what_was_called_healed_and_came_back_is_asked_for() -> None:
    actual = relapse.judge(a_case(relapse_of="inc-3"))

    assert actual.ruling == Ruling.ASK
    assert actual.reason.startswith("inc-3 was called healed and came back")
