"""Whatever is added to a policy by chance, no plan is ever judged more laxly for it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import weighing
from bot.core.approval import Ending, Request, Vote
from bot.core.policy import rules, timetable, who
from bot.core.policy.case import Case
from bot.core.policy.history import Attempt
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.rules import RULES, Judgement
from bot.core.policy.verdict import Ruling
from tests.core.policy import chances
from tests.core.policy.builders import HOUR

# Many lives through the same code: to trace them as well would take as long again.
pytestmark = pytest.mark.no_cover

CHANCES = st.randoms(use_true_random=True)
FREELY = settings(deadline=None, max_examples=80)
SEEDS = range(300)
"""Houses that are looked at, to see that what is compared does differ."""


def under(case: Case, rulebook: Rulebook) -> Case:
    """The same plan before another policy."""
    when = timetable.expand(rulebook, {}, timetable.day_of(case.now))
    return replace(case, rulebook=rulebook, timetable=when)


def both(key: str, chance: Random) -> tuple[Judgement, Judgement]:
    """A plan's judgements before and after one key says something stricter."""
    before = chances.rulebook(chance)
    case = chances.case(chance, before)
    after = chances.tightened(before, key, chance)
    return rules.judge(case), rules.judge(under(case, after))


def test_every_key_of_the_rulebook_can_be_tightened_here() -> None:
    assert set(chances.TIGHTER) == set(Rulebook.model_fields)


@pytest.mark.parametrize("key", sorted(chances.TIGHTER))
@FREELY
@given(chance=CHANCES)
def test_saying_something_stricter_never_loosens(key: str, chance: Random) -> None:
    before, after = both(key, chance)

    for was, now in zip(before.verdicts, after.verdicts, strict=True):
        assert now.ruling >= was.ruling, (was, now)
    assert after.ruling >= before.ruling


@pytest.mark.parametrize("key", sorted(chances.TIGHTER))
def test_a_stricter_key_is_heard_unless_it_is_none_of_a_rules_business(key: str) -> None:
    judged = (both(key, Random(seed)) for seed in SEEDS)
    heard = any(
        was.ruling is not now.ruling
        for before, after in judged
        for was, now in zip(before.verdicts, after.verdicts, strict=True)
    )

    assert heard is (key not in chances.SILENT)


@FREELY
@given(chance=CHANCES)
def test_one_more_of_the_real_rules_never_loosens(chance: Random) -> None:
    case = chances.case(chance, chances.rulebook(chance))
    some = chance.sample(RULES, chance.randint(0, len(RULES) - 1))
    added = chance.choice([rule for rule in RULES if rule not in some])

    assert rules.judge(case, [*some, added]).ruling >= rules.judge(case, some).ruling


@FREELY
@given(chance=CHANCES)
def test_the_same_case_is_judged_the_same_whatever_was_judged_before(chance: Random) -> None:
    case = chances.case(chance, chances.rulebook(chance))
    copy = replace(case)
    first = rules.judge(case)
    rules.judge(chances.case(chance, chances.rulebook(chance)))

    assert rules.judge(case) == first == rules.judge(copy)


@FREELY
@given(chance=CHANCES)
def test_no_order_of_attempts_entries_or_rules_decides_anything(chance: Random) -> None:
    case = chances.case(chance, chances.rulebook(chance))
    told = case.rulebook
    mixed = told.model_copy(
        update={
            name: tuple(chance.sample(listed, len(listed)))
            for name in Rulebook.model_fields
            if isinstance(listed := getattr(told, name), tuple)
        }
    )
    other = under(replace(case, attempts=shuffled(case, chance)), mixed)
    order = chance.sample(RULES, len(RULES))
    rulings = {one.rule: one.ruling for one in rules.judge(case).verdicts}

    assert {one.rule: one.ruling for one in rules.judge(other, order).verdicts} == rulings


def shuffled(case: Case, chance: Random) -> tuple[Attempt, ...]:
    return tuple(chance.sample(case.attempts, len(case.attempts)))


def asked(case: Case) -> Request | None:
    """Whom policy asks about a plan, if it asks."""
    judgement = rules.judge(case)
    if judgement.ruling is not Ruling.ASK:
        return None
    return who.request_for(case, judgement, 1, case.plan.digest, HOUR)


def votes(chance: Random) -> list[Vote]:
    """Some people's words, some of them said twice; mostly yes."""
    said = chance.choices([f"U{n}" for n in range(1, 8)], k=chance.randint(0, 6))
    return [Vote(who=one, yes=chance.random() < 0.97) for one in said]


@FREELY
@given(chance=CHANCES)
def test_a_quorum_is_so_many_different_people_and_none_who_asked(chance: Random) -> None:
    case = chances.case(chance, chances.rulebook(chance))
    request, cast = asked(case), votes(chance)
    if request is None or weighing.weigh(request, cast) is not Ending.APPROVED:
        return
    people = {vote.who for vote in cast} - set(request.excluded)
    panel = case.rulebook.approvers.of(case.risk.level)

    assert all(vote.yes for vote in cast)
    assert len(people) >= request.quorum >= panel.quorum
    assert (case.wished_by in request.excluded) is (
        bool(case.wished_by) and not panel.requester_may_approve
    )


@FREELY
@given(chance=CHANCES)
def test_demanding_more_of_approvers_never_makes_a_yes_of_what_was_none(chance: Random) -> None:
    before = chances.rulebook(chance)
    case = chances.case(chance, before)
    after = under(case, chances.tightened(before, "approvers", chance))
    lax, strict, cast = asked(case), asked(after), votes(chance)
    if lax is None or strict is None:
        assert lax is strict
        return

    if weighing.weigh(strict, cast) is Ending.APPROVED:
        assert weighing.weigh(lax, cast) is Ending.APPROVED


def test_the_houses_of_these_tests_say_yes_no_and_ask() -> None:
    rulings, yes = set(), False
    for seed in SEEDS:
        chance = Random(seed)
        case = chances.case(chance, chances.rulebook(chance))
        rulings.add(rules.judge(case).ruling)
        request = asked(case)
        cast = votes(chance)
        yes |= request is not None and weighing.weigh(request, cast) is Ending.APPROVED

    assert rulings == set(Ruling)
    assert yes
