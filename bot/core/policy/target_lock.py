"""Target lock: two runs never touch the same target at once."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "target lock"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny while another incident's run holds one of the targets; an undo waits as well."""
    held = {key: hold.incident for hold in case.others for key in hold.targets}
    for target in case.plan.targets:
        if target.key in held:
            return verdict.deny(
                RULE, f"{held[target.key]} is working on {target.name}: wait until it is over"
            )
    return verdict.allow(RULE, "no other run holds its targets")
