"""Unattended: a runbook that does not say `unattended: true` always asks."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "unattended"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask unless the runbook's author lets it run by itself."""
    if case.safety.unattended:
        return verdict.allow(RULE, f"{case.plan.runbook} may run unattended when risk is low")
    return verdict.ask(RULE, f"{case.plan.runbook} asks every time: safety.unattended is false")
