"""What two read of the same entry is one value, while somebody has it, and then it is gone."""

from __future__ import annotations

import gc
from weakref import ref

from bot.core import facts
from bot.core.facts import Opened, Planned, sharing
from bot.core.policy import verdict
from bot.core.policy.verdict import Ruling, Verdict
from tests import builders


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


def test_facts_that_were_read_share_their_words_and_say_what_was_written() -> None:
    alert = builders.an_alert(labels={"service": "shop", "pod": "a rather long name of a pod 1"})
    bodies = [
        Opened(workflow="heal-1", service="shop", environment="prod", title=title, alert=alert).body
        for title in ("one", "other")
    ]
    one, other = (facts._validated(body) for body in bodies)

    assert isinstance(one, Opened)
    assert isinstance(other, Opened)
    assert one.alert is not None
    assert other.alert is not None
    assert one.alert.labels["pod"] is other.alert.labels["pod"]
    assert one.__pydantic_fields_set__ is other.__pydantic_fields_set__
    assert [one.body, other.body] == bodies
    assert one == Opened.model_validate_json(bodies[0])
    assert one.model_copy(update={"title": "new"}).model_fields_set == one.model_fields_set


def test_plans_of_one_runbook_have_its_criteria_once() -> None:
    plans = [builders.a_plan(incident=name) for name in ("inc-1", "inc-2")]
    one, other = (read(Planned(round=1, plan=plan).body) for plan in plans)

    assert one.plan is not None
    assert other.plan is not None
    assert one.plan.criteria is other.plan.criteria
    assert one.plan == plans[0]
    assert one.plan.digest == plans[0].digest
