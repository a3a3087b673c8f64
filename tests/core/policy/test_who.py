from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core import approval
from bot.core.policy import rules, who
from bot.core.policy.rules import Judgement
from bot.core.policy.verdict import Ruling
from bot.core.risk import Level, Risk
from tests.core.policy.builders import (
    MINUTE,
    NOW,
    a_case,
    a_rulebook,
    a_safety,
    a_service,
)

ROLES: dict[str, Any] = {
    "sre": {"groups": ["sre"], "people": ["U1"]},
    "payments": {"groups": ["pay"], "schedules": ["rota:pay"]},
}
ROTAS = {"pay": {"people": ["U5"], "zone": "UTC", "first": "2026-01-01"}}
ASKED = Judgement(ruling=Ruling.ASK, verdicts=())
PEOPLE: dict[str, Any] = {
    "low": {"groups": ["oncall"]},
    "medium": {"groups": ["leads"], "people": ["U1", "U2"]},
    "high": {"people": ["U1", "U2", "U3"], "quorum": 2},
}


def asked(approvers: dict[str, Any], level: Level = Level.LOW, **changes: Any) -> approval.Request:
    risk = Risk(level=level, score=1, reasons=())
    case = a_case(rulebook=a_rulebook(approvers=approvers), risk=risk, **changes)
    return who.request_for(case, ASKED, 2, "d1", timedelta(minutes=5))


def test_a_request_is_for_one_plan_in_one_round_until_then() -> None:
    actual = asked(PEOPLE)

    assert (actual.round, actual.plan_digest) == (2, "d1")
    assert actual.expires_at == NOW + 5 * MINUTE


@pytest.mark.parametrize(
    ("level", "groups", "people"),
    [
        (Level.LOW, ("oncall",), ()),
        (Level.MEDIUM, ("leads",), ("U1", "U2")),
        (Level.HIGH, (), ("U1", "U2", "U3")),
    ],
)
def test_the_people_of_the_level_of_risk_are_asked(
    level: Level, groups: tuple[str, ...], people: tuple[str, ...]
) -> None:
    actual = asked(PEOPLE, level)

    assert (actual.groups, actual.people) == (groups, people)


@pytest.mark.parametrize(
    ("left_out", "level", "expected"),
    [
        (("low",), Level.LOW, ("U1", "U2")),
        (("low", "medium"), Level.LOW, ("U1", "U2", "U3")),
        (("medium",), Level.MEDIUM, ("U1", "U2", "U3")),
    ],
)
def test_a_level_without_people_is_decided_by_those_above_it(
    left_out: tuple[str, ...], level: Level, expected: tuple[str, ...]
) -> None:
    left = {name: panel for name, panel in PEOPLE.items() if name not in left_out}

    assert asked(left, level).people == expected


def test_the_fallback_may_decide_too_and_nobody_is_named_twice() -> None:
    actual = asked(
        {**PEOPLE, "fallback": {"groups": ["cto"], "people": ["U2", "U9"]}}, Level.MEDIUM
    )

    assert actual.groups == ("leads", "cto")
    assert actual.people == ("U1", "U2", "U9")


@pytest.mark.parametrize(("of_runbook", "expected"), [(1, 2), (2, 2), (3, 3)])
def test_the_greater_quorum_holds(of_runbook: int, expected: int) -> None:
    safety = a_safety(approval={"quorum": of_runbook})

    assert asked(PEOPLE, Level.HIGH, safety=safety).quorum == expected


def test_who_asked_for_the_run_may_not_say_yes_to_it() -> None:
    assert asked(PEOPLE, wished_by="U7").excluded == ("U7",)


def test_who_asked_may_say_yes_where_the_policy_lets_him() -> None:
    lenient = {"high": {"groups": ["sre"], "requester_may_approve": True}}

    assert asked(lenient, wished_by="U7").excluded == ()


def test_nobody_is_excluded_from_what_an_alert_asked_for() -> None:
    assert asked(PEOPLE).excluded == ()


@pytest.mark.parametrize("ruling", [Ruling.ALLOW, Ruling.DENY])
def test_nobody_is_asked_about_what_is_allowed_or_denied(ruling: Ruling) -> None:
    judgement = Judgement(ruling=ruling, verdicts=())

    with pytest.raises(ValueError, match=f"the policy says {ruling.name}"):
        who.request_for(a_case(), judgement, 1, "d", MINUTE)


def test_a_judgement_of_the_rules_can_be_asked_about() -> None:
    case = a_case(relapse_of="inc-1")

    assert who.request_for(case, rules.judge(case), 1, "d", MINUTE).groups == ("sre",)


def roles_asked(
    high: dict[str, Any], owners: dict[str, Any] | None = None, level: Level = Level.HIGH
) -> approval.Request:
    rulebook = a_rulebook(approvers={"high": high}, roles=ROLES, rotas=ROTAS)
    risk = Risk(level=level, score=1, reasons=())
    service = a_service(approvers=owners or {})
    case = a_case(rulebook=rulebook, risk=risk, service=service)
    return who.request_for(case, ASKED, 1, "d1", timedelta(minutes=5))


def test_a_role_is_its_groups_its_people_and_its_schedules() -> None:
    actual = roles_asked({"roles": ["sre", "payments"], "groups": ["leads"], "people": ["U9"]})

    assert (actual.groups, actual.people, actual.schedules) == (
        ("leads", "sre", "pay"), ("U9", "U1"), ("rota:pay",),
    )  # fmt: skip
    assert actual.demands == ()


def test_one_of_each_is_a_demand_and_makes_as_many_people_needed() -> None:
    actual = roles_asked({"from_each": ["sre", "payments"]})

    assert [one.name for one in actual.demands] == ["sre", "payments"]
    assert (actual.quorum, actual.groups) == (2, ("sre", "pay"))
    assert actual.demands[1].words == ("pay", "rota:pay")


@pytest.mark.parametrize(
    ("level", "demanded"),
    [(Level.LOW, []), (Level.MEDIUM, ["payments"]), (Level.HIGH, ["payments", "sre"])],
)
def test_what_owners_demand_at_one_level_is_demanded_at_higher_ones(
    level: Level, demanded: list[str]
) -> None:
    owners = {"medium": ["payments"], "high": ["sre", "payments"]}
    actual = roles_asked({"groups": ["leads"]}, owners, level)

    assert [one.name for one in actual.demands] == demanded
    assert (actual.groups, actual.quorum) == (("leads",), 1)


def test_a_role_that_is_not_there_is_nobody_rather_than_no_demand() -> None:
    actual = roles_asked({"groups": ["leads"]}, {"low": ["payment"]})

    assert [(one.name, one.words) for one in actual.demands] == [("payment", ())]


def test_what_is_demanded_twice_is_demanded_once() -> None:
    actual = roles_asked({"from_each": ["sre", "payments"]}, {"low": ["payments"]})

    assert len(actual.demands) == 2
