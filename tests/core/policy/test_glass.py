from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.core.policy import glass, who
from bot.core.policy.rules import RULES, Judgement
from bot.core.policy.sections import BreakGlass
from bot.core.policy.sections.glass import Overridable
from bot.core.policy.verdict import Ruling, Verdict, strictest
from tests.core.policy.builders import a_case, a_rulebook, a_safety

NAMES = [rule.RULE for rule in RULES]
MAY = get_args(Overridable)
NEVER = {"kill switch", "known target", "approved for", "preconditions", "target lock",
         "one service"}  # fmt: skip
SPAN = timedelta(minutes=5)


def judged(**rulings: Ruling) -> Judgement:
    verdicts = tuple(
        Verdict(ruling=ruling, rule=rule.replace("_", " "), reason="because")
        for rule, ruling in rulings.items()
    )
    return Judgement(ruling=strictest(verdicts), verdicts=verdicts)


def asked(judgement: Judgement, asking: tuple[str, ...] = ("U1",), **changes: Any) -> Any:
    approvers = {"low": {"people": ["U9"]}, "high": {"people": ["U1", "U2", "U3", "U4"]},
                 "fallback": {"people": ["U8"]}}  # fmt: skip
    case = a_case(rulebook=a_rulebook(approvers=approvers, **changes))
    return who.override_for(case, judgement, 1, "d1", SPAN, asking)


def test_what_may_be_overridden_is_a_rule_and_none_of_those_whose_no_stands() -> None:
    assert set(MAY) <= set(NAMES)
    assert not NEVER & set(MAY)
    assert set(NAMES) >= NEVER


@pytest.mark.parametrize("rule", sorted({*NAMES} - {*MAY}))
def test_any_other_rule_cannot_be_written_into_the_policy(rule: str) -> None:
    with pytest.raises(ValidationError):
        BreakGlass.model_validate({"overrides": [rule]})


@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(Ruling)),
       st.lists(st.sampled_from(MAY), unique=True))  # fmt: skip
def test_people_are_asked_to_override_only_when_every_rule_that_denies_may_be(
    rulings: dict[str, Ruling], allowed: list[str]
) -> None:
    rulebook = a_rulebook(break_glass={"overrides": allowed})
    denying = {rule for rule, ruling in rulings.items() if ruling is Ruling.DENY}
    verdicts = tuple(Verdict(ruling=r, rule=rule, reason="x") for rule, r in rulings.items())
    found = glass.overrides(rulebook, Judgement(strictest(verdicts), verdicts))

    assert set(found) == (denying if denying <= set(allowed) else set())


@pytest.mark.parametrize(("panel", "own", "expected"), [(1, 1, 2), (2, 1, 2), (3, 1, 3), (1, 4, 4)])
def test_it_takes_two_at_least_and_more_where_more_are_wanted(
    panel: int, own: int, expected: int
) -> None:
    high = {"groups": ["sre"], "quorum": panel}
    rulebook = a_rulebook(approvers={"high": high})

    assert glass.quorum(rulebook, own) == expected


def test_the_request_is_for_those_of_high_risk_without_who_asked_and_without_fallback() -> None:
    actual = asked(judged(freeze_window=Ruling.DENY, tier=Ruling.ASK), ("U1", "U2"))

    assert (actual.people, actual.excluded) == (("U1", "U2", "U3", "U4"), ("U1", "U2"))
    assert (actual.quorum, actual.fallback, actual.override) == (2, (), ("freeze window",))


def test_the_runbooks_own_quorum_counts_too() -> None:
    case = a_case(rulebook=a_rulebook(), safety=a_safety(approval={"quorum": 3}))
    request = who.override_for(case, judged(stage=Ruling.DENY), 1, "d1", SPAN, ("U1",))

    assert request.quorum == 3


@pytest.mark.parametrize(
    ("judgement", "asking"),
    [
        (judged(kill_switch=Ruling.DENY), ("U1",)),
        (judged(freeze_window=Ruling.DENY, target_lock=Ruling.DENY), ("U1",)),
        (judged(blast_cap=Ruling.DENY), ("U1",)),
        (judged(freeze_window=Ruling.ASK), ("U1",)),
        (judged(freeze_window=Ruling.DENY), ()),
    ],
)
def test_no_request_is_made_where_a_no_stands_or_nobody_asked(
    judgement: Judgement, asking: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="nothing here may be overridden"):
        asked(judgement, asking)


def test_owners_may_add_the_blast_cap() -> None:
    actual = asked(judged(blast_cap=Ruling.DENY), break_glass={"overrides": ["blast cap"]})

    assert actual.override == ("blast cap",)


def test_people_of_a_role_are_people() -> None:
    few = {"approvers": {"high": {"roles": ["leads"]}}, "roles": {"leads": {"people": ["U1"]}}}
    group = {**few, "roles": {"leads": {"groups": ["sre"]}}}

    assert glass.nobody_left(a_rulebook(**few), 2)
    assert not glass.nobody_left(a_rulebook(**group), 2)


@pytest.mark.parametrize(
    ("high", "barred", "expected"),
    [
        ({"people": ["U1", "U2"]}, ("U1",), True),
        ({"people": ["U1", "U2"]}, ("U9",), False),
        ({"people": ["U1", "U2", "U3"]}, ("U1",), False),
        ({"groups": ["sre"]}, ("U1",), False),
    ],
)
def test_a_policy_that_names_too_few_is_known_beforehand(
    high: dict[str, Any], barred: tuple[str, ...], *, expected: bool
) -> None:
    rulebook = a_rulebook(approvers={"high": high})

    assert glass.nobody_left(rulebook, 2, *barred) is expected
