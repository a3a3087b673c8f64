"""Who may say yes to a plan, how many of them, and who may not."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core import approval
from bot.core.circle import Circle, Demand
from bot.core.permit import Wanted
from bot.core.policy import glass
from bot.core.policy.case import Case
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.rules import Judgement
from bot.core.policy.sections import Panel
from bot.core.policy.verdict import Ruling


def request_for(
    case: Case,
    judgement: Judgement,
    round: int,  # noqa: A002 - the request's own word
    digest: str,
    expires_after: timedelta,
) -> approval.Request:
    """
    Ask the people of the plan's level of risk, the fallback included.

    The quorum is the greater one of policy and runbook. What the level demands of roles and what
    the service's owners demand is demanded besides. ValueError when there is nothing to ask: an
    allowed plan needs no yes, and a denied one is only asked about by `override_for`.
    """
    if judgement.ruling is not Ruling.ASK:
        raise ValueError(f"the policy says {judgement.ruling.name}, so nobody is to be asked")
    rulebook, approvers = case.rulebook, case.rulebook.approvers
    panel = approvers.of(case.risk.level)
    own = rulebook.circle(panel)
    late = rulebook.circle(approvers.fallback) if approvers.fallback else Circle()
    asking = () if panel.requester_may_approve else (case.wished_by, *case.edited_by)
    return approval.Request(
        **own.beside(late).model_dump(),
        round=round,
        plan_digest=digest,
        quorum=max(panel.needs, case.safety.approval.quorum),
        demands=_demands(case, panel),
        excluded=tuple(dict.fromkeys(filter(None, asking))),
        expires_at=case.now + expires_after,
        asked_at=case.now,
        fallback=tuple(word for word in late.words if word not in own.words),
    )


def permit_for(rulebook: Rulebook, wanted: Wanted, least: int, now: datetime) -> approval.Request:
    """
    Ask the people of high risk whether something may be allowed in advance; not who asks for it.

    `least` is the quorum of the runbook itself.
    """
    panel = rulebook.approvers.high
    return approval.Request(
        **rulebook.circle(panel).model_dump(),
        round=1,
        plan_digest=wanted.digest,
        quorum=max(panel.needs, least),
        demands=tuple(rulebook.demand(name) for name in dict.fromkeys(panel.from_each)),
        excluded=(wanted.by,),
        expires_at=now + rulebook.permits.open_for,
        asked_at=now,
    )


def override_for(
    case: Case,
    judgement: Judgement,
    round: int,  # noqa: A002 - the request's own word
    digest: str,
    expires_after: timedelta,
    asking: tuple[str, ...],
) -> approval.Request:
    """
    Ask two people of those for high risk, and nobody in their place, to override what denies.

    None of those who were `asking` counts. ValueError when a rule denies whose no stands.
    """
    overrides = glass.overrides(case.rulebook, judgement)
    if not overrides or not asking:
        raise ValueError("nothing here may be overridden, so nobody is to be asked")
    rulebook, high = case.rulebook, case.rulebook.approvers.high
    return approval.Request(
        **rulebook.circle(high).model_dump(),
        round=round,
        plan_digest=digest,
        quorum=glass.quorum(rulebook, case.safety.approval.quorum),
        demands=_demands(case, high),
        excluded=tuple(dict.fromkeys((*asking, *case.edited_by))),
        expires_at=case.now + expires_after,
        asked_at=case.now,
        override=overrides,
    )


def _demands(case: Case, panel: Panel) -> tuple[Demand, ...]:
    """Whom the level wants one of each from, and whom the service's owners want besides."""
    owners = case.service.approvers.of(case.risk.level) if case.service else ()
    names = dict.fromkeys((*panel.from_each, *owners))
    return tuple(case.rulebook.demand(name) for name in names)
