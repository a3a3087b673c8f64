from __future__ import annotations

import pytest

from bot.core.policy import risk_level
from bot.core.policy.verdict import Ruling
from bot.core.risk import Level, Risk
from tests.core.policy.builders import a_case, a_rulebook


@pytest.mark.parametrize(
    ("level", "from_level", "expected"),
    [
        (Level.LOW, "medium", Ruling.ALLOW),
        (Level.MEDIUM, "medium", Ruling.ASK),
        (Level.HIGH, "medium", Ruling.ASK),
        (Level.MEDIUM, "high", Ruling.ALLOW),
        (Level.HIGH, "high", Ruling.ASK),
    ],
)
def test_from_the_policys_level_on_a_person_decides(
    level: Level, from_level: str, expected: Ruling
) -> None:
    risk = Risk(level=level, score=50, reasons=())
    case = a_case(risk=risk, rulebook=a_rulebook(ask_from_risk=from_level))

    assert risk_level.judge(case).ruling == expected
