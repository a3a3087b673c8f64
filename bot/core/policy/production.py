"""Production: everything asks there, unless this runbook is pre-approved for this service."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.sections import fits
from bot.core.policy.verdict import Ruling, Verdict

RULE = "production"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask in production, but for standard changes; the other rules still hold for those."""
    plan = case.plan
    if not is_production(case.rulebook, plan.environment):
        return verdict.allow(RULE, f"{plan.environment} is not production")
    for entry in case.rulebook.production.preapproved:
        if (entry.runbook, entry.service) == (plan.runbook, plan.service):
            return verdict.allow(RULE, f"{plan.runbook} is pre-approved for {plan.service}")
    return verdict.ask(
        RULE,
        f"{plan.environment} is production, and {plan.runbook} is not pre-approved for "
        f"{plan.service}: a person decides",
    )


def is_production(rulebook: Rulebook, environment: str) -> bool:
    """Tell whether the policy counts an environment as production."""
    return fits(environment, rulebook.production.environments)
