"""
Freeze window: nothing is changed in it; a critical incident may ask, where the freeze says so.

A window is half-open, `[starts, ends)`: a plan that arrives at the very instant a freeze ends
is free to go, and two windows back to back leave no gap.
"""

from __future__ import annotations

from bot.core.alert import Severity
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import Freeze
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import moment

RULE = "freeze window"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny in a freeze; of several at once the strictest holds, and urgent is never a free pass."""
    on = [freeze for freeze in case.rulebook.freezes if _is_on(freeze, case)]
    urgent = case.severity is Severity.CRITICAL
    denying = [freeze for freeze in on if not (urgent and freeze.lets_urgent_ask)]
    if denying:
        return verdict.deny(RULE, f"{_said(denying, case)}: nothing is changed before that")
    if on:
        return verdict.ask(RULE, f"{_said(on, case)}, but this is critical: a person may allow it")
    return verdict.allow(RULE, "no freeze is on")


def _is_on(freeze: Freeze, case: Case) -> bool:
    covered = freeze.covers(case.plan.service, case.plan.environment)
    return covered and freeze.starts <= case.now < freeze.ends


def _said(freezes: list[Freeze], case: Case) -> str:
    last = max(freezes, key=lambda freeze: freeze.ends)
    return (
        f"{last.name} freezes {case.plan.service} in {case.plan.environment} "
        f"until {moment(last.ends)}"
    )
