from __future__ import annotations

import pytest

from bot.core.alert import Severity
from bot.core.policy import critical
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_rulebook


@pytest.mark.parametrize(
    ("severity", "expected"),
    [(Severity.INFO, Ruling.ALLOW), (Severity.WARNING, Ruling.ALLOW),
     (Severity.CRITICAL, Ruling.ASK)],
)  # fmt: skip
def test_what_is_critical_is_asked_for(severity: Severity, expected: Ruling) -> None:
    assert critical.judge(a_case(severity=severity)).ruling == expected


def test_the_policy_may_let_critical_incidents_run_by_themselves() -> None:
    case = a_case(severity=Severity.CRITICAL, rulebook=a_rulebook(ask_when_critical=False))

    assert critical.judge(case).ruling == Ruling.ALLOW
