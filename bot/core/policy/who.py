"""Who may say yes to a plan, how many of them, and who may not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.core import approval
from bot.core.permit import Wanted
from bot.core.policy import glass
from bot.core.policy.case import Case
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.rules import Judgement
from bot.core.policy.sections import Called
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

    The quorum is the greater one of policy and runbook. ValueError when there is nothing to ask:
    an allowed plan needs no yes, and a denied one is only asked about by `override_for`.
    """
    if judgement.ruling is not Ruling.ASK:
        raise ValueError(f"the policy says {judgement.ruling.name}, so nobody is to be asked")
    approvers = case.rulebook.approvers
    panel = approvers.of(case.risk.level)
    called = [panel, approvers.fallback] if approvers.fallback else [panel]
    barred = case.wished_by and not panel.requester_may_approve
    return approval.Request(
        round=round,
        plan_digest=digest,
        quorum=max(panel.quorum, case.safety.approval.quorum),
        groups=_once(name for each in called for name in each.groups),
        people=_once(name for each in called for name in each.people),
        excluded=(case.wished_by,) if barred else (),
        expires_at=case.now + expires_after,
        asked_at=case.now,
        fallback=_late(panel, approvers.fallback),
    )


def permit_for(rulebook: Rulebook, wanted: Wanted, least: int, now: datetime) -> approval.Request:
    """
    Ask the people of high risk whether something may be allowed in advance; not who asks for it.

    `least` is the quorum of the runbook itself.
    """
    panel = rulebook.approvers.high
    return approval.Request(
        round=1,
        plan_digest=wanted.digest,
        quorum=max(panel.quorum, least),
        groups=panel.groups,
        people=panel.people,
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
    high = case.rulebook.approvers.high
    return approval.Request(
        round=round,
        plan_digest=digest,
        quorum=glass.quorum(case.rulebook, case.safety.approval.quorum),
        groups=_once(high.groups),
        people=_once(high.people),
        excluded=_once(asking),
        expires_at=case.now + expires_after,
        asked_at=case.now,
        override=overrides,
    )


def _late(panel: Called, fallback: Called | None) -> tuple[str, ...]:
    """Whom the fallback adds."""
    called = (*fallback.groups, *fallback.people) if fallback else ()
    return _once(name for name in called if name not in {*panel.groups, *panel.people})


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
