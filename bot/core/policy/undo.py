"""Undo: taking an earlier run back is a plan of its own, and is always asked for."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "undo"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask before a run that was healed is taken back."""
    if case.undoing:
        return verdict.ask(RULE, f"it takes back what {case.plan.undoes} did: a person decides")
    return verdict.allow(RULE, "it takes nothing back")
