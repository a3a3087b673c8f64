"""Critical: a critical incident is shown to a person first, unless the policy says otherwise."""

from __future__ import annotations

from bot.core.alert import Severity
from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "critical"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask when an alert of it is critical; what its sender says can only make policy stricter."""
    if case.severity is not Severity.CRITICAL:
        return verdict.allow(RULE, f"the incident is {case.severity}, not critical")
    if not case.rulebook.ask_when_critical:
        return verdict.allow(RULE, "the incident is critical, and the policy does not ask for that")
    return verdict.ask(RULE, "the incident is critical: a person decides")
