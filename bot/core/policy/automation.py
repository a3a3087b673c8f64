"""Automation: how much of a runbook is left to Heal, from tier 1 (all) to tier 5 (nothing)."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import fits
from bot.core.policy.verdict import Ruling, Verdict

RULE = "automation"
STRICTEST = Ruling.DENY
REVIEWED = 3
"""The tier whose unattended runs people review afterwards."""


def judge(case: Case) -> Verdict:
    """Hold the runbook to the tier that its author gave it; an undo is asked for anyway."""
    tier, name = case.safety.automation, case.plan.runbook
    if tier is None or case.undoing:
        return verdict.allow(RULE, f"{name} names no tier of automation")
    said = f"{name} is of automation tier {tier}"
    if tier == 1 and not _only_scales(case):
        return verdict.ask(RULE, f"{said}, and it does more than scale: a person decides")
    if tier == 2 and not (case.service and case.service.stateless):
        where = f"{case.plan.service} is not marked stateless"
        return verdict.ask(RULE, f"{said}, for stateless services only, and {where}")
    if tier == 4:
        return verdict.ask(RULE, f"{said}: a person approves before")
    if tier == 5:
        return verdict.deny(RULE, f"{said}: people lead it, and Heal only shows what it found")
    after = "; a person reviews the outcome" if tier == REVIEWED else ""
    return verdict.allow(RULE, f"{said}: it needs no yes of its own{after}")


def _only_scales(case: Case) -> bool:
    return all(
        step.scope.blast_radius.becomes is not None
        or fits(step.action, case.rulebook.scaling.actions)
        for step in case.plan.steps
    )
