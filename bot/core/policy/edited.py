"""Edited: what a person changed after it was shown is shown to people again."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "edited"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask when the parameters are not those of the first plan; no setting changes that."""
    if not case.edited_by:
        return verdict.allow(RULE, "nobody changed its parameters")
    by = ", ".join(case.edited_by)
    return verdict.ask(RULE, f"{by} changed its parameters: a person decides about them")
