"""Approved for: the runbook's owner allows it on this service in this environment."""

from __future__ import annotations

from bot.core.clauses import ANY
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "approved for"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny a runbook where nobody said that it may run."""
    plan = case.plan
    for entry in case.approved_for:
        if entry.environment == plan.environment and entry.service in {ANY, plan.service}:
            which = "every service" if entry.service == ANY else entry.service
            return verdict.allow(
                RULE, f"{plan.runbook} is approved for {which} in {plan.environment}"
            )
    allowed = ", ".join(f"{each.service} in {each.environment}" for each in case.approved_for)
    return verdict.deny(
        RULE,
        f"{plan.runbook} is approved for {allowed or 'nothing'}, not for {plan.service} in "
        f"{plan.environment}: its owner may add that to approved_for",
    )
