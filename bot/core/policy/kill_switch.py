"""Kill switch: nothing begins while the house is halted."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "kill switch"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny everything, undo plans too, until a person resumes."""
    halted = case.standing.halted
    if halted is None:
        return verdict.allow(RULE, "the house is not halted")
    why = f" ({halted.why})" if halted.why else ""
    return verdict.deny(
        RULE, f"{halted.by} halted everything{why}: nothing begins until it is resumed"
    )
