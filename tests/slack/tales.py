"""One incident as far as it got, for tests that need it to stand somewhere in Slack."""

from __future__ import annotations

from datetime import timedelta

from bot.core import facts
from bot.core.approval import Ending, Request
from bot.core.facts import StepEnding
from bot.core.facts.fact import Fact
from bot.core.lifecycle import Event
from bot.core.policy.verdict import Ruling
from tests import builders
from tests.builders import START

Tale = tuple[Fact, ...]


def looking() -> Tale:
    because = ("the alert is ServiceDown",)
    return (
        builders.an_opening(),
        facts.Chosen(runbook="restart-service", because=because),
        facts.Diagnosed(readings=(_reading(502),)),
    )


def awaiting() -> Tale:
    plan = builders.a_plan()
    request = Request(
        round=1,
        plan_digest=plan.digest,
        quorum=1,
        groups=("S0APPROVERS",),
        expires_at=START + timedelta(minutes=10),
    )
    planned = facts.Planned(round=1, plan=plan, digest=plan.digest, ruling=Ruling.ASK)
    return (*looking(), planned, facts.Asked(request=request))


def rejected() -> Tale:
    closed = facts.Closed(event=Event.APPROVAL_REFUSED, says="rejected")
    return (*awaiting(), _decided(Ending.REJECTED), closed)


def expired() -> Tale:
    says = "approval timed out: nothing was executed"
    escalated = facts.Escalated(to="S0ONCALL", why=f"nobody decided: {says}")
    return (*awaiting(), escalated, facts.Closed(event=Event.APPROVAL_EXPIRED, says=says))


def healed() -> Tale:
    plan = builders.a_plan()
    return (
        *awaiting(),
        _decided(Ending.APPROVED),
        facts.Rebuilt(round=1, digest=plan.digest),
        facts.Started(
            digest=plan.digest,
            runbook=plan.runbook,
            service="shop",
            environment="production",
            targets=tuple(target.key for target in plan.targets),
        ),
        facts.Claimed(number=1, nonce="n1"),
        facts.Stepped(number=1, ending=StepEnding.DONE, says="shop is active", seconds=2.1),
        facts.Acted(),
        facts.Verified(
            passed=True,
            why="web.status == 200 held",
            checks=7,
            held=30,
            seconds=41,
            readings=(_reading(200),),
        ),
    )


def resolved() -> Tale:
    return (*healed(), facts.Closed(event=Event.ALERT_CLEARED, says="the alert is clear"))


def not_fixed() -> Tale:
    return (*resolved(), facts.CameBack(alert=builders.an_alert(), again="inc-9x8y7z"))


def taking_back(thread: str) -> Tale:
    """Somebody asked in this thread to take the incident back; people are asked."""
    wish = facts.Wish(by="U0OLIVIA", runbook="restart-service")
    opened = builders.an_opening(
        alert=None, wish=wish, undoes=builders.INCIDENT, channel="C0ALERTS", thread=thread
    )
    return (opened, *awaiting()[1:])


def _decided(ending: Ending) -> facts.Decided:
    at = START + timedelta(seconds=345)
    return facts.Decided(at=at, ending=ending, by=("U0ANA",), why="not now")


def _reading(status: int) -> facts.Reading:
    return facts.Reading(name="web", probe="http.get", seen={"status": status})
