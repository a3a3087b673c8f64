from __future__ import annotations

import pytest

from bot.core.plan import Reversibility
from bot.core.policy import irreversible
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_step


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Reversibility.REVERSIBLE, Ruling.ALLOW),
        (Reversibility.SELF_RESTORING, Ruling.ALLOW),
        (Reversibility.IRREVERSIBLE, Ruling.ASK),
    ],
)
def test_only_what_cannot_be_taken_back_is_asked_for(kind: str, expected: Ruling) -> None:
    plan = a_plan(a_step(), a_step(number=2, reversibility=kind))

    assert irreversible.judge(a_case(plan=plan)).ruling == expected
