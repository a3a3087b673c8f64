"""Tier: a service that the company stands on is healed with a person's yes only."""

from __future__ import annotations

from bot.core.catalogue import UNSAID
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "tier"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask from the policy's tier on, and when no tier is known."""
    from_tier = case.rulebook.ask_from_tier
    if case.service is None:
        return verdict.ask(RULE, f"the tier of {case.plan.service} is not known")
    said = f"{case.service.name} is of tier {case.service.tier}"
    if not case.service.tier_said:
        said = f"nobody says the tier of {case.service.name}, which is taken for {UNSAID}"
    if case.service.tier >= from_tier:
        return verdict.ask(RULE, f"{said}: from tier {from_tier} on a person decides")
    return verdict.allow(RULE, f"{said}, from tier {from_tier} on a person decides")
