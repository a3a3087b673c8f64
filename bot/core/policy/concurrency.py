"""Concurrency: only so many runs are under way at once in the whole house."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import count

RULE = "concurrency"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny one run more than may be, and name those that are under way."""
    running, own = case.holds.incidents, case.plan.incident
    others = len(running) - (own in running)
    said = f"{others} of {count(case.rulebook.concurrency, 'run')} under way"
    if others >= case.rulebook.concurrency:
        names = ", ".join(sorted(running - {own}))
        return verdict.deny(RULE, f"{said} ({names}): wait until one is over")
    return verdict.allow(RULE, said)
