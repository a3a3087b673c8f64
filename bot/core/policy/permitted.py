"""Permitted: whether a yes that was given in advance is the yes that this plan asks for."""

from __future__ import annotations

from datetime import datetime

from bot.core import weighing
from bot.core.approval import Ending, Request, Vote
from bot.core.permit import Permit
from bot.core.plan import Plan
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.rules import Judgement
from bot.core.policy.verdict import Ruling
from bot.core.risk import Level, Risk


def meant(permit: Permit, plan: Plan) -> bool:
    """Whether it is for this runbook on this service at all; an undo is never pre-approved."""
    wanted = permit.wanted
    return not plan.undoes and (wanted.runbook, wanted.service, wanted.environment) == (
        plan.runbook, plan.service, plan.environment,
    )  # fmt: skip


def objection(
    permit: Permit, plan: Plan, risk: Risk, judgement: Judgement, rulebook: Rulebook,
    *, now: datetime, used: int,
) -> str:  # fmt: skip
    """
    Why nothing may begin by this permit now; empty when it may.

    `used` are the runs of others by it. A denial is never answered, and of the questions only
    those of the rules that the policy names.
    """
    wanted, bounds, levels = permit.wanted, rulebook.permits, list(Level)
    if not meant(permit, plan):
        return "it is for something else"
    if not permit.holds(now, used):
        return permit.ended(now, used) or "nobody has said yes to it"
    if plan.runbook_digest != wanted.runbook_digest:
        return f"the runbook {plan.runbook} is not the one that was allowed: it changed"
    if plan.policy_digest != wanted.policy_digest:
        return "the policy is not the one under which it was allowed: it changed"
    if levels.index(risk.level) > levels.index(bounds.up_to_risk):
        return f"the risk is {risk.level}, and it answers up to {bounds.up_to_risk}"
    strict = (v for v in judgement.verdicts if v.ruling is not Ruling.ALLOW)
    left = [v.rule for v in strict if v.ruling is Ruling.DENY or v.rule not in bounds.answers]
    return f"it does not answer {', '.join(left)}" if left else ""


def enough(permit: Permit, request: Request) -> bool:
    """
    Whether those who granted it could have said yes to this very request, and are enough for it.

    It answers a plan's first asking only: a plan that moved, or was edited, is shown to people.
    So is one that wants somebody of a role: whose yes that was, nobody asked them.
    """
    since, votes = permit.granted_at, (Vote(who=who, yes=True) for who in permit.granted_by)
    if since is None or request.round > 1 or request.override:
        return False
    asked_at = request.asked_at or since
    return asked_at >= since and weighing.weigh(request, votes) is Ending.APPROVED
