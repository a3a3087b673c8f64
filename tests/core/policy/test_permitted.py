"""What a yes in advance stands for, bound by bound."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from bot.core.permit import Permit
from bot.core.policy import permitted
from bot.core.policy.rules import RULES, Judgement
from bot.core.policy.sections.permits import Answered
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.risk import Level, Risk
from tests import builders
from tests.core import permits

PLAN = builders.a_plan()
HOLDS = Permit(
    id=permits.NAME, wanted=permits.WANTED, request=permits.REQUEST,
    granted_by=(permits.ANA,), granted_at=builders.START, until=permits.GRANTED.until,
)  # fmt: skip
LATE = permits.GRANTED.until


def asking(*rules: str, ruling: Ruling = Ruling.ASK) -> Judgement:
    """These rules ask, or deny."""
    verdicts = tuple(Verdict(ruling=ruling, rule=rule, reason="why") for rule in rules)
    return Judgement(ruling=ruling, verdicts=verdicts)


def objection(permit: Permit = HOLDS, **changes: Any) -> str:
    given = {
        "plan": PLAN,
        "risk": Risk(level=Level.MEDIUM, score=30, reasons=()),
        "judgement": asking("production", "unattended"),
        "rulebook": builders.a_rulebook(),
        "now": builders.START,
        "used": 0,
        **changes,
    }
    return permitted.objection(permit, **given)


def test_within_all_bounds_it_stands_for_a_persons_yes() -> None:
    assert objection() == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"plan": PLAN.model_copy(update={"service": "till"})}, "something else"),
        ({"plan": PLAN.model_copy(update={"environment": "staging"})}, "something else"),
        ({"plan": PLAN.model_copy(update={"runbook": "scale-out"})}, "something else"),
        ({"plan": PLAN.model_copy(update={"undoes": "inc-1"})}, "something else"),
        ({"plan": PLAN.model_copy(update={"runbook_digest": "c" * 64})}, "the runbook"),
        ({"plan": PLAN.model_copy(update={"policy_digest": "c" * 64})}, "the policy"),
        ({"risk": Risk(level=Level.HIGH, score=60, reasons=())}, "the risk is high"),
        ({"judgement": asking("irreversible")}, "it does not answer irreversible"),
        ({"judgement": asking("never unattended")}, "it does not answer never unattended"),
        ({"judgement": asking("a rule of tomorrow")}, "it does not answer a rule of tomorrow"),
        ({"judgement": asking("production", ruling=Ruling.DENY)}, "it does not answer production"),
        ({"used": 3}, "all of its runs are used"),
        ({"now": LATE}, "its time is over"),
    ],
)
def test_beyond_any_bound_people_are_asked(changes: dict[str, Any], says: str) -> None:
    assert says in objection(**changes)


def test_one_that_nobody_granted_answers_nothing() -> None:
    waiting = HOLDS.model_copy(update={"until": None, "granted_at": None, "granted_by": ()})

    assert objection(waiting) == "nobody has said yes to it"


def test_it_answers_no_question_from_before_its_time_and_no_second_asking() -> None:
    request = permits.REQUEST.model_copy(update={"excluded": ()})
    earlier = request.model_copy(update={"asked_at": builders.START.replace(year=2025)})
    second = request.model_copy(update={"round": 2})
    more = request.model_copy(update={"quorum": 2})
    broken = request.model_copy(update={"override": ("freeze window",)})
    own = request.model_copy(update={"excluded": (permits.ANA,)})

    assert permitted.enough(HOLDS, request)
    assert not any(permitted.enough(HOLDS, one) for one in (earlier, second, more, broken, own))


def test_every_rule_that_it_may_answer_is_a_rule() -> None:
    assert set(get_args(Answered)) <= {rule.RULE for rule in RULES}
