"""Stage: a runbook that is new here is only shown, then always asked for, then left to the rest."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.sections import Stage
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.policy.wording import moment

RULE = "stage"
STRICTEST = Ruling.DENY


def judge(case: Case) -> Verdict:
    """Deny in dry_run, ask in ask; an undo is asked for anyway, and not held up."""
    plan = case.plan
    if case.undoing:
        return verdict.allow(RULE, "an undo is not held up")
    where = (plan.runbook, plan.service, plan.environment)
    stage, since = case.rulebook.stages.of(*where, case.now)
    from_then = f" since {moment(since)}" if since else ""
    said = f"{plan.runbook} is in stage {stage} for {plan.service} in {plan.environment}{from_then}"
    if stage is Stage.DRY_RUN:
        return verdict.deny(RULE, f"{said}: it is only shown until `stages` of the policy says ask")
    if stage is Stage.ASK:
        return verdict.ask(RULE, f"{said}: a person decides until `stages` says auto")
    return verdict.allow(RULE, f"{said}: the other rules decide")


def only_shows(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether the plan was made to be shown."""
    return any(one.rule == RULE and one.ruling is Ruling.DENY for one in verdicts)


def without(verdicts: Iterable[Verdict]) -> Ruling:
    """What the other rules say: how it would have been decided in stage auto."""
    return verdict.strictest(one for one in verdicts if one.rule != RULE)
