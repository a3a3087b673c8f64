"""What policy would say of a runbook's plan, asked without any live system: for golden tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.core import risk
from bot.core.alert import Alert
from bot.core.blast_radius import BlastRadius, Target
from bot.core.catalogue import Service
from bot.core.clauses import Scalar
from bot.core.library import Library
from bot.core.plan import Criteria, Plan, PlannedStep, Reversibility, Scope
from bot.core.policy import rules
from bot.core.policy.case import Case, Precondition
from bot.core.policy.holds import Holds
from bot.core.policy.sections import fits
from bot.core.policy.timetable import Timetable
from bot.core.policy.troubled import Troubled
from bot.core.policy.verdict import Ruling
from bot.core.promises import Approval
from bot.core.runbook import Runbook
from bot.core.standing import Standing

A_MOMENT = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
ANSWERS = {
    Ruling.ALLOW: Approval.UNATTENDED,
    Ruling.ASK: Approval.ASKED,
    Ruling.DENY: Approval.REFUSED,
}


class Judge:
    """Asks the rules about an ordinary first attempt on one of several healthy instances."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def __call__(
        self, runbook: Runbook, alert: Alert, service: Service, values: Mapping[str, Scalar]
    ) -> Approval:
        rulebook = self._library.rulebook
        plan = _plan(runbook, service, values, self._library.policy_digest, alert.confidence)
        production = fits(service.environment, rulebook.production.environments)
        judgement = rules.judge(
            Case(
                plan=plan,
                risk=risk.assess(
                    plan, service, (), A_MOMENT, production=production, flapping="", out_of_hours=""
                ),
                rulebook=rulebook,
                now=A_MOMENT,
                service=service,
                catalogue=(service,),
                dependants=self._library.needing(service),
                needed=(),
                approved_for=runbook.approved_for,
                safety=runbook.safety,
                safe=Precondition(held=True),
                attempts=(),
                holds=Holds(),
                queue=(),
                troubled=Troubled(),
                standing=Standing(),
                timetable=Timetable(),
                wished_by="",
                edited_by=(),
                severity=alert.severity,
                alert=alert.name,
                fired=(),
                relapse_of="",
                unrecorded=(),
            )
        )
        return ANSWERS[judgement.ruling]


def _plan(
    runbook: Runbook,
    service: Service,
    values: Mapping[str, Scalar],
    policy_digest: str,
    confidence: float,
) -> Plan:
    target = Target(key=f"rehearsal:{service.name}", name=service.name)
    radius = BlastRadius(targets=(target,), unit="instance", touched=1, down_at_once=1, total=4)
    return Plan(
        incident="inc-rehearsal",
        runbook=runbook.runbook,
        runbook_digest=runbook.digest,
        policy_digest=policy_digest,
        title=runbook.title,
        service=service.name,
        environment=service.environment,
        params=dict(values),
        steps=tuple(
            PlannedStep(
                number=number,
                action=step.do,
                params={},
                scope=Scope(blast_radius=radius, pre_state={}, says=step.do),
                reversibility=Reversibility.SELF_RESTORING,
                timeout=1,
            )
            for number, step in enumerate(runbook.steps, 1)
        ),
        criteria=Criteria(
            probes=(), success=runbook.verify.success, within=1, every=1, hold=0, relapse=0
        ),
        confidence=confidence,
    )
