from __future__ import annotations

from typing import Any

import pytest

from bot.core.policy import production
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_rulebook

LIVE = a_plan(environment="production")


def test_outside_production_nothing_is_asked() -> None:
    assert production.judge(a_case()).ruling == Ruling.ALLOW


def test_in_production_everything_asks() -> None:
    assert production.judge(a_case(plan=LIVE)).ruling == Ruling.ASK


@pytest.mark.parametrize(
    ("runbook", "service", "expected"),
    [
        ("restart-shop", "shop", Ruling.ALLOW),
        ("restart-shop", "db", Ruling.ASK),
        ("scale-shop", "shop", Ruling.ASK),
    ],
)
def test_a_standard_change_is_exactly_one_runbook_on_one_service(
    runbook: str, service: str, expected: Ruling
) -> None:
    entry = {"runbook": runbook, "service": service}
    case = a_case(plan=LIVE, rulebook=a_rulebook(production={"preapproved": [entry]}))

    assert production.judge(case).ruling == expected


@pytest.mark.parametrize(("environment", "expected"), [("eu-live", True), ("eu-test", False)])
def test_the_policy_says_what_production_is(environment: str, expected: Any) -> None:
    rulebook = a_rulebook(production={"environments": ["*-live"]})

    assert production.is_production(rulebook, environment) == expected
