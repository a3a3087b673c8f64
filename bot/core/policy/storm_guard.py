"""Storm guard: when too many services are in trouble at once, nothing runs unattended any more."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "storm guard"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Ask, or deny if the policy says so: what breaks everything is healed by no runbook."""
    storm, troubled = case.rulebook.storm, case.troubled
    if not troubled.storm(storm):
        return verdict.allow(RULE, f"{troubled.says}, so it is no storm")
    why = f"{troubled.says}: this is a storm, so Heal does nothing by itself"
    if storm.then == "deny":
        return verdict.deny(RULE, f"{why}, and the policy lets nothing begin until it is over")
    return verdict.ask(RULE, f"{why} and a person decides")
