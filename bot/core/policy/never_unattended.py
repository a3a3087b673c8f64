"""Never unattended: some actions are always shown to a person first."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import fits
from bot.core.policy.verdict import Ruling, Verdict

RULE = "never unattended"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask when any step's action is on the policy's list."""
    for step in case.plan.steps:
        if fits(step.action, case.rulebook.never_unattended):
            return verdict.ask(
                RULE, f"step {step.number}, {step.action}, never runs without a person's yes"
            )
    return verdict.allow(RULE, "none of its actions is on the list")
