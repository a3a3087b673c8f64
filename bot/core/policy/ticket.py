"""Ticket: what a ticket system says against a run holds, and is read before anything is done."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "ticket"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny when a ticket or its calendar is against it; one that is unread may be asked about."""
    objections = case.plan.objections
    if said := [one.says for one in objections if not one.unread]:
        return verdict.deny(RULE, f"{' and '.join(said)}: mend that there first, then ask again")
    if case.unrecorded and case.rulebook.ticket.change == "require":
        return verdict.deny(RULE, f"{' and '.join(case.unrecorded)}: policy wants it open first")
    if unread := [f"{one.system} ({one.says})" for one in objections if one.unread]:
        reason = f"the ticket could not be read in {' and '.join(unread)}"
        if case.rulebook.ticket.unread == "ask":
            return verdict.ask(RULE, f"{reason}: a person looks there first")
        return verdict.allow(RULE, f"{reason}, which policy does not wait for")
    return verdict.allow(RULE, "no ticket is against it")
