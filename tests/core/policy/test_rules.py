from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.core.policy
from bot.core import facts
from bot.core.plan import Reversibility
from bot.core.policy import rules, verdict
from bot.core.policy.case import Case, Precondition
from bot.core.policy.holds import Hold, Holds
from bot.core.policy.rules import RULES, Rule
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.risk import Level, Risk
from bot.core.standing import Standing
from tests.core.policy.builders import KEY, a_case, a_plan, a_safety, a_service, a_step

HALTED = Standing(halted=facts.Halted(by="U1", why=""))
BAD = a_case(
    plan=a_plan(a_step(reversibility=Reversibility.IRREVERSIBLE), undoes="inc-1", confidence=0.1),
    risk=Risk(level=Level.HIGH, score=99, reasons=()),
    service=a_service(tier=5),
    safety=a_safety(unattended=False),
    safe=Precondition(held=False),
    holds=Holds([Hold(incident="inc-2", targets=(KEY,))]),
    standing=HALTED,
    relapse_of="inc-1",
)


class Always:
    """A rule that answers the same whatever it is asked."""

    RULE = "always"
    STRICTEST = Ruling.DENY

    def __init__(self, ruling: Ruling) -> None:
        self.ruling = ruling

    def judge(self, case: Case) -> Verdict:
        return Verdict(ruling=self.ruling, rule=self.RULE, reason="it always says so")


def test_a_harmless_plan_runs_unattended() -> None:
    actual = rules.judge(a_case())

    assert [each.rule for each in actual.verdicts if each.ruling] == []
    assert actual.ruling == Ruling.ALLOW


def test_every_rule_gives_its_reason_even_after_a_no() -> None:
    actual = rules.judge(BAD)

    assert [each.rule for each in actual.verdicts] == [rule.RULE for rule in RULES]
    assert all(each.reason for each in actual.verdicts)


def test_the_decisive_verdicts_are_those_that_made_it_so() -> None:
    actual = rules.judge(a_case(standing=HALTED, relapse_of="inc-1"))

    assert [each.rule for each in actual.decisive] == ["kill switch"]


def test_an_undo_is_asked_for_and_nothing_but_asked_for() -> None:
    actual = rules.judge(a_case(plan=a_plan(undoes="inc-1")))

    assert [each.rule for each in actual.decisive] == ["undo"]
    assert actual.ruling == Ruling.ASK


@given(st.lists(st.sampled_from(Ruling)), st.sampled_from(Ruling))
def test_adding_a_rule_never_loosens(rulings: list[Ruling], added: Ruling) -> None:
    before = [Always(ruling) for ruling in rulings]
    after = [*before, Always(added)]

    assert rules.judge(BAD, after).ruling >= rules.judge(BAD, before).ruling


@given(st.sets(st.integers(0, len(RULES) - 1)))
def test_removing_any_rules_never_tightens(removed: set[int]) -> None:
    left = [rule for number, rule in enumerate(RULES) if number not in removed]

    assert rules.judge(BAD, left).ruling <= rules.judge(BAD).ruling


def test_without_rules_nothing_is_forbidden_so_the_list_must_be_whole() -> None:
    folder = Path(bot.core.policy.__file__).parent
    written = {path.stem for path in folder.glob("*.py") if "\nRULE = " in path.read_text()}

    listed = {getattr(rule, "__name__", "").rpartition(".")[2] for rule in RULES}

    assert listed == written


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.RULE)
def test_a_rule_names_itself_in_its_verdict_and_stays_below_its_strictest(rule: Rule) -> None:
    actual = rule.judge(BAD)

    assert actual.rule == rule.RULE
    assert actual.ruling <= rule.STRICTEST


def test_what_may_refuse_stands_before_what_may_only_ask() -> None:
    assert all(one.STRICTEST >= next_.STRICTEST for one, next_ in pairwise(RULES))


def test_a_rule_that_raises_is_a_bug_and_is_not_hidden() -> None:
    class Broken(Always):
        def judge(self, case: Case) -> Verdict:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rules.judge(BAD, [Broken(Ruling.ALLOW)])


def test_a_verdict_is_made_with_its_ruling() -> None:
    made = [make("r", "because") for make in (verdict.allow, verdict.ask, verdict.deny)]

    assert [each.ruling for each in made] == [Ruling.ALLOW, Ruling.ASK, Ruling.DENY]
