"""Preconditions: the runbook's own `safe_when` must hold."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "preconditions"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny when it is not safe to run now, or when that cannot be told."""
    if case.safe.held:
        return verdict.allow(RULE, "everything that the runbook demands holds")
    why = case.safe.why or "no reason was given"
    return verdict.deny(RULE, f"safe_when of {case.plan.runbook} does not hold: {why}")
