"""
One service: a plan touches its own service only.

A service claims its targets with the fact `targets`: patterns of target keys, with commas
between them. What nobody claims cannot be told, so several such targets are shown to a person.
"""

from __future__ import annotations

from bot.core.catalogue import Service
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import fits
from bot.core.policy.verdict import Ruling, Verdict

RULE = "one service"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny a target that is not the service's own; ask about several that nobody claims."""
    own = claims(case.service) if case.service else ()
    unclaimed = [target for target in case.targets if not fits(target.key, own)]
    for target in unclaimed:
        if owner := _owner(target.key, case):
            return verdict.deny(RULE, f"{target.name} belongs to {owner}, not to {_own(case)}")
        if own:
            return verdict.deny(
                RULE,
                f"{target.name} ({target.key}) is none of the targets of {_own(case)}, which are "
                f"{', '.join(own)}: mend the plan's parameters or facts.targets",
            )
    if len(unclaimed) > 1:
        names = ", ".join(target.name for target in unclaimed)
        return verdict.ask(
            RULE,
            f"whether {names} all belong to {_own(case)} cannot be told: write facts.targets "
            "into its entry of the catalogue",
        )
    return verdict.allow(RULE, f"nothing but {_own(case)} is touched")


def claims(service: Service) -> tuple[str, ...]:
    """Return the patterns of target keys that a service calls its own."""
    written = str(service.facts.get("targets", "")).split(",")
    return tuple(pattern.strip() for pattern in written if pattern.strip())


def _owner(key: str, case: Case) -> str:
    owners = (service for service in case.catalogue if fits(key, claims(service)))
    return next((f"{service.name} in {service.environment}" for service in owners), "")


def _own(case: Case) -> str:
    return f"{case.plan.service} in {case.plan.environment}"
