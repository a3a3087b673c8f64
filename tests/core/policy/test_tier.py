from __future__ import annotations

import pytest

from bot.core.policy import tier
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_rulebook, a_service


@pytest.mark.parametrize(
    ("of_service", "from_tier", "expected"),
    [(3, 4, Ruling.ALLOW), (4, 4, Ruling.ASK), (5, 4, Ruling.ASK), (1, 1, Ruling.ASK)],
)
def test_from_the_policys_tier_on_a_person_decides(
    of_service: int, from_tier: int, expected: Ruling
) -> None:
    rulebook = a_rulebook(ask_from_tier=from_tier)
    case = a_case(service=a_service(tier=of_service), rulebook=rulebook)

    assert tier.judge(case).ruling == expected


def test_a_tier_that_is_not_known_is_not_taken_for_a_low_one() -> None:
    assert tier.judge(a_case(service=None)).ruling == Ruling.ASK
