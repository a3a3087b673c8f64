"""Confidence floor: below it a plan is shown, never run unattended."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import share

RULE = "confidence floor"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask when it is less certain than the runbook's own floor, or the policy's if it has none."""
    own = case.safety.min_confidence
    floor = case.rulebook.confidence_floor if own is None else own
    sure, least = share(100 * case.plan.confidence), share(100 * floor)
    if case.plan.confidence < floor:
        return verdict.ask(RULE, f"{sure} certain, below the floor of {least}: a person decides")
    return verdict.allow(RULE, f"{sure} certain, the floor is {least}")
