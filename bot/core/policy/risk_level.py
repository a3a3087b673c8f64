"""Risk level: from the policy's level on, people decide."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.risk import Level

RULE = "risk level"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask at high risk always, and at medium risk unless the policy says otherwise."""
    levels, from_level = list(Level), case.rulebook.ask_from_risk
    said = f"risk is {case.risk.level} ({case.risk.score} of 100)"
    if levels.index(case.risk.level) >= levels.index(from_level):
        return verdict.ask(RULE, f"{said}: from {from_level} on a person decides")
    return verdict.allow(RULE, f"{said}, from {from_level} on a person decides")
