from __future__ import annotations

from typing import Any

import pytest

from bot.core.policy import known_target
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_service


def test_a_service_of_the_catalogue_is_named_with_its_owner_and_tier() -> None:
    actual = known_target.judge(a_case())

    assert actual.ruling == Ruling.ALLOW
    assert actual.reason == "shop in staging belongs to team-shop, tier 2"


def test_a_service_that_is_not_in_the_catalogue_is_never_healed() -> None:
    actual = known_target.judge(a_case(service=None))

    assert actual.ruling == Ruling.DENY
    assert "add it to policy/services.yaml" in actual.reason


def test_an_alert_without_service_and_environment_falls_back_to_nothing() -> None:
    actual = known_target.judge(a_case(plan=a_plan(service="", environment=""), service=None))

    assert actual.reason.startswith("(no service) in (nowhere) is not in the catalogue")


@pytest.mark.parametrize("other", [{"name": "shop-2"}, {"environment": "production"}])
def test_the_entry_of_another_service_or_environment_is_a_wrong_target(other: Any) -> None:
    actual = known_target.judge(a_case(service=a_service(**other)))

    assert actual.ruling == Ruling.DENY
    assert actual.reason.startswith("the plan is for shop in staging, but the catalogue's entry is")
