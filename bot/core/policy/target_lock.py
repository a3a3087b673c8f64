"""Target lock: two runs never touch the same target at once."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "target lock"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny while another incident's run holds one of the targets; an undo waits as well."""
    for target in case.targets:
        if holder := case.holds.holder(target.key, but=case.plan.incident):
            return verdict.deny(
                RULE, f"{holder} is working on {target.name}: wait until it is over"
            )
    return verdict.allow(RULE, "no other run holds its targets")
