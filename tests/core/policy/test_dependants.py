from __future__ import annotations

import pytest

from bot.core.policy import dependants
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_rulebook, a_service

CART, ADS = a_service(name="cart", tier=4), a_service(name="ads", tier=3)


def test_what_a_weighty_service_needs_is_asked_for_by_its_name() -> None:
    actual = dependants.judge(a_case(dependants=(ADS, CART)))

    assert actual.ruling == Ruling.ASK
    assert actual.reason == "cart (tier 4) depends on shop: from tier 4 a person decides"


def test_what_only_lighter_services_need_is_not() -> None:
    actual = dependants.judge(a_case(dependants=(ADS,)))

    assert (actual.ruling, actual.reason) == (
        Ruling.ALLOW,
        "nothing of tier 4 or above depends on shop",
    )


@pytest.mark.parametrize(("tier", "expected"), [(3, Ruling.ASK), (5, Ruling.ALLOW)])
def test_the_policy_says_from_which_tier_on(tier: int, expected: Ruling) -> None:
    rulebook = a_rulebook(ask_from_dependants_tier=tier)

    assert dependants.judge(a_case(dependants=(CART, ADS), rulebook=rulebook)).ruling == expected
