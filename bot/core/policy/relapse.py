"""Relapse: what was called healed and came back is not tried again unattended."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "relapse"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask when an earlier heal of the same trouble did not last."""
    if case.relapse_of:
        return verdict.ask(
            RULE, f"{case.relapse_of} was called healed and came back: a person looks first"
        )
    return verdict.allow(RULE, "it is not the return of something healed")
