"""Dependants: what a weighty service needs is healed with a person's yes only."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "dependants"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask when a service of the policy's tier or above depends on this one."""
    from_tier = case.rulebook.ask_from_dependants_tier
    weighty = [one for one in case.dependants if one.tier >= from_tier]
    if weighty:
        names = ", ".join(f"{one.name} (tier {one.tier})" for one in weighty)
        verb = "depends" if len(weighty) == 1 else "depend"
        return verdict.ask(
            RULE, f"{names} {verb} on {case.plan.service}: from tier {from_tier} a person decides"
        )
    said = f"nothing of tier {from_tier} or above depends on {case.plan.service}"
    return verdict.allow(RULE, said)
