"""What two read of the same entry is one value, while somebody has it, and then it is gone."""

from __future__ import annotations

import gc
from weakref import ref

from bot.core import facts
from bot.core.facts import Planned, sharing
from bot.core.policy import verdict
from bot.core.policy.verdict import Ruling, Verdict


def a_plan(why: str) -> str:
    said = [verdict.allow("target_lock", "nobody else changes it"), verdict.deny("freeze", why)]
    return Planned(round=1, verdicts=tuple(said)).body


def read(body: str) -> Planned:
    fact = facts._validated(body)
    assert isinstance(fact, Planned)
    return fact


def test_one_entry_is_one_fact_for_all_who_read_it_and_is_let_go_with_the_last() -> None:
    body = a_plan("a freeze")
    first, second = sharing.one(body, read), sharing.one(str(body.encode(), "utf-8"), read)
    other = sharing.one(a_plan("another"), read)
    gone = ref(first)

    assert first is second
    assert other is not first
    del first, second
    gc.collect()
    assert gone() is None


def test_what_a_rule_says_of_nearly_every_plan_is_kept_once() -> None:
    one, other = read(a_plan("this")), read(a_plan("that"))

    assert one.verdicts[0] is other.verdicts[0]
    assert one.verdicts[1] == Verdict(ruling=Ruling.DENY, rule="freeze", reason="this")
    assert one.body == a_plan("this")
