"""Known target: the service stands in the catalogue, under exactly this name and environment."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "known target"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny what could be the wrong service or the wrong environment; nothing falls back."""
    named = f"{case.plan.service or '(no service)'} in {case.plan.environment or '(nowhere)'}"
    if case.service is None:
        return verdict.deny(
            RULE,
            f"{named} is not in the catalogue: add it to policy/services.yaml, or mend the "
            "service and environment that the alert carries",
        )
    entry = (case.service.name, case.service.environment)
    if entry != (case.plan.service, case.plan.environment):
        return verdict.deny(
            RULE, f"the plan is for {named}, but the catalogue's entry is {' in '.join(entry)}"
        )
    tier = f"tier {case.service.tier}" if case.service.tier_said else "its tier is not known"
    said = f"{named} belongs to {case.service.owner or 'nobody who is named'}, {tier}"
    return verdict.allow(RULE, "; ".join((said, *(one.line for one in case.plan.cmdb))))
