from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from bot.core.policy.register import Register
from bot.core.policy.rulebook import Rulebook
from tests.core.policy.builders import APPROVERS, a_rulebook, a_service

SHIPPED = Path(__file__).parents[3] / "runbooks" / "policy"


SRE = {"sre": {"groups": ["sre"]}}
A_ROTA = {"people": ["U1"], "zone": "UTC", "first": "2026-01-01"}


def shipped(name: str) -> Any:
    return yaml.safe_load((SHIPPED / name).read_text())


def a_freeze(**changes: Any) -> dict[str, Any]:
    times = {"starts": "2026-12-18T18:00:00Z", "ends": "2027-01-04T08:00:00+01:00"}
    return {"freezes": [{"name": "year end", **times, **changes}]}


def test_the_shipped_policy_is_right() -> None:
    actual = Rulebook.model_validate(shipped("rules.yaml"))

    assert actual.approvers.high.quorum == 2


def test_the_shipped_policy_lets_three_runs_an_hour_begin_whatever_they_are() -> None:
    actual = Rulebook.model_validate(shipped("rules.yaml"))

    assert (actual.rates[0].per, actual.rates[0].limit) == ("everything", 3)


def test_the_shipped_catalogue_is_right() -> None:
    actual = Register.model_validate(shipped("services.yaml"))

    assert actual.find("shop-db", "production") is not None


def test_a_freeze_and_a_standard_change_can_be_written_as_the_comments_show() -> None:
    text = (SHIPPED / "rules.yaml").read_text()
    for marker in ("freezes: []", "  preapproved: []"):
        before, _, after = text.partition(f"{marker}\n")
        block, rest = [], after.splitlines()
        while rest and rest[0].startswith("#  "):
            block.append(rest.pop(0)[1:])
        text = "\n".join([before + marker.removesuffix(" []"), *block, *rest])

    actual = Rulebook.model_validate(yaml.safe_load(text))

    assert actual.freezes[0].lets_urgent_ask
    assert len(actual.production.preapproved) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"freeze": []}, "Extra inputs are not permitted"),
        ({"approvers": {}}, "Field required"),
        ({"approvers": {"high": {}}}, "nobody is named"),
        ({"approvers": {"high": {"people": ["U1", "U1"], "quorum": 2}}}, "cannot be reached"),
        (a_freeze(starts="2027-12-18T18:00:00Z"), "ends before it starts"),
        (a_freeze(ends="2026-12-18T18:00:00Z"), "ends before it starts"),
        (a_freeze(starts="2026-12-18T18:00:00"), "it has no offset"),
        (a_freeze(starts=20261218), "is not a time"),
        (a_freeze(lets_urgent_ask="yes"), "valid boolean"),
        ({"rates": [{"per": "moon", "limit": 1, "within": "1h"}]}, "Input should be 'runbook'"),
        ({"rates": [{"per": "service", "limit": 0, "within": "1h"}]}, "greater than or equal"),
        ({"rates": [{"per": "service", "limit": "3", "within": "1h"}]}, "valid integer"),
        ({"rates": [{"per": "service", "limit": 3, "within": 60}]}, "has no unit"),
        ({"blast": {"ask_above_percent": 60, "deny_above_percent": 50}}, "would never ask"),
        ({"blast": {"ask_above_percent": True}}, "valid number"),
        ({"confidence_floor": 0.74}, "greater than or equal to 0.75"),
        ({"ask_from_risk": "low"}, "'medium'"),
        ({"concurrency": 0}, "greater than or equal"),
        ({"roles": {"sre": {}}}, "nobody is named"),
        ({"roles": {"sre": {"schedules": ["pagerduty"]}}}, "match pattern"),
        (
            {"roles": {"sre": {"schedules": ["rota:shp"]}}, "rotas": {"shop": A_ROTA}},
            "roles.sre.schedules.0.: 'shp' is unknown: did you mean 'shop'",
        ),
        (
            {"approvers": {"high": {"roles": ["sra"]}}, "roles": SRE},
            "approvers.high.roles.0.: 'sra' is unknown: did you mean 'sre'",
        ),
        (
            {"approvers": {"high": {"groups": ["a"], "from_each": ["sra"]}}, "roles": SRE},
            "approvers.high.from_each.0.: 'sra' is unknown",
        ),
        (
            {"approvers": {**APPROVERS, "fallback": {"roles": ["x"]}}},
            "approvers.fallback.roles.0.: 'x' is unknown",
        ),
        ({"operators": {"roles": ["x"]}}, "operators.roles.0.: 'x' is unknown"),
        ({"production": {"preapproved": [{"runbook": "*", "service": "shop"}]}}, "match pattern"),
    ],
)
def test_a_wrong_policy_is_refused_with_the_reason(change: Any, expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        Rulebook.model_validate({"approvers": APPROVERS, **change})


def test_a_quorum_of_a_group_cannot_be_counted_beforehand() -> None:
    approvers = {"high": {"groups": ["sre"], "quorum": 3}}

    assert a_rulebook(approvers=approvers).approvers.high.quorum == 3


def test_the_digest_is_the_same_for_the_same_policy_and_another_for_any_change() -> None:
    one, same, other = a_rulebook(), a_rulebook(concurrency=3), a_rulebook(concurrency=4)

    assert one.digest == same.digest
    assert one.digest != other.digest


def test_the_approvers_of_high_risk_may_operate_heal() -> None:
    assert [each.groups for each in a_rulebook().operating] == [("sre",)]


def test_operators_may_operate_heal_beside_the_approvers_of_high_risk() -> None:
    rulebook = a_rulebook(operators={"groups": ["oncall"]})

    assert [each.groups for each in rulebook.operating] == [("oncall",), ("sre",)]


def test_a_service_is_found_in_its_own_environment_only() -> None:
    register = Register(services=(a_service(),))

    assert register.find("shop", "staging") == a_service()
    assert register.find("shop", "production") is None


def test_a_service_that_is_listed_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="shop in staging is listed 2 times"):
        Register(services=(a_service(), a_service(tier=5)))


def test_a_service_may_be_listed_once_in_each_environment() -> None:
    register = Register(services=(a_service(), a_service(environment="production")))

    assert len(register.services) == 2
