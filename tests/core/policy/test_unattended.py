from __future__ import annotations

import pytest

from bot.core.policy import unattended
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_safety


@pytest.mark.parametrize(("said", "expected"), [(True, Ruling.ALLOW), (False, Ruling.ASK)])
def test_a_runbook_runs_by_itself_only_when_it_says_so(said: bool, expected: Ruling) -> None:
    assert unattended.judge(a_case(safety=a_safety(unattended=said))).ruling == expected
