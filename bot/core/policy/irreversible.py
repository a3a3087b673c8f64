"""Irreversible: what cannot be taken back never runs unattended."""

from __future__ import annotations

from bot.core.plan import Reversibility
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "irreversible"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask when any step is irreversible; no setting changes that."""
    for step in case.plan.steps:
        if step.reversibility is Reversibility.IRREVERSIBLE:
            return verdict.ask(
                RULE, f"step {step.number}, {step.action}, cannot be taken back: a person decides"
            )
    return verdict.allow(RULE, "every step can be taken back, or restores itself")
