"""Builders of values that many tests need: an alert, a plan, an incident folded from facts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from bot.core import chain, facts, folding
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.blast_radius import BlastRadius, Target
from bot.core.catalogue import Service
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.matching import Shelf
from bot.core.plan import Criteria, Plan, PlannedProbe, PlannedStep, Reversibility, Scope
from bot.core.policy.rulebook import Rulebook
from bot.core.runbook import Runbook
from bot.core.transcript import Draft, Entry

START = datetime(2026, 3, 14, 3, 0, tzinfo=UTC)
INCIDENT = "inc-7f3k2m"


class Told(NamedTuple):
    """A fact, who says it, and how many seconds after the one before it."""

    fact: Fact
    actor: str = "heal"
    after: float = 1.0


def an_alert(**changes: Any) -> Alert:
    """The web shop does not answer."""
    alert = Alert(
        source="alertmanager",
        name="ServiceDown",
        fingerprint="f1",
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        labels={"service": "shop", "environment": "production", "tier": "2"},
        annotations={"summary": "shop answers 502 on web-1"},
        starts_at=START - timedelta(minutes=2),
        link="https://alerts.example/#/alerts?filter=shop",
    )
    return alert.model_copy(update=changes)


def a_scope(says: str = "systemctl restart shop on web-1", **changes: Any) -> Scope:
    """One of three processes on web-1."""
    target = Target(key="host:web-1/unit:shop", name="unit shop on web-1")
    radius = BlastRadius(targets=(target,), touched=1, down_at_once=1, total=3)
    scope = Scope(blast_radius=radius, pre_state={"active": True}, says=says)
    return scope.model_copy(update=changes)


def a_step(number: int = 1, **changes: Any) -> PlannedStep:
    """A restart: nothing to put back."""
    step = PlannedStep(
        number=number,
        action="systemd.restart",
        params={"host": "web-1", "unit": "shop"},
        scope=a_scope(),
        reversibility=Reversibility.SELF_RESTORING,
        timeout=30,
    )
    return step.model_copy(update=changes)


def a_plan(**changes: Any) -> Plan:
    """Restart the shop, proven by its health page."""
    probe = PlannedProbe(name="web", probe="http.get", params={"url": "http://web-1/health"})
    plan = Plan(
        incident=INCIDENT,
        runbook="restart-service",
        runbook_digest="a" * 64,
        policy_digest="b" * 64,
        title="Restart a service that stopped answering",
        service="shop",
        environment="production",
        params={"host": "web-1", "unit": "shop"},
        steps=(a_step(),),
        criteria=Criteria(
            probes=(probe,), success="web.status == 200", within=120, every=5, hold=30,
            relapse=1800,
        ),
        because=("the alert is ServiceDown", "shop is a systemd unit"),
        confidence=0.95,
        cost="none",
        estimate=45,
        escalate_to="S0ONCALL",
        escalate_say="Look at the disk of web-1 first.",
    )  # fmt: skip
    return plan.model_copy(update=changes)


def an_opening(**changes: Any) -> facts.Opened:
    """The fact that opens an incident for `an_alert()`."""
    alert = an_alert()
    opened = facts.Opened(
        workflow="1", service="shop", environment="production",
        title="shop answers 502 on web-1", channel="C0ALERTS", alert=alert,
    )  # fmt: skip
    return opened.model_copy(update=changes)


def entries(*story: Fact | Told, name: str = INCIDENT, start: datetime = START) -> list[Entry]:
    """Chain facts to a ledger of their own, one second apart unless told otherwise."""
    chained: list[Entry] = []
    at, prev = start, chain.GENESIS
    for seq, one in enumerate(story, 1):
        told = one if isinstance(one, Told) else Told(one)
        at += timedelta(seconds=told.after if seq > 1 else 0)
        draft = Draft(
            at=at, incident=name, actor=told.actor, kind=told.fact.kind,
            key=f"{name}:{seq}", body=told.fact.body,
        )  # fmt: skip
        digest = chain.link(prev, seq, draft)
        chained.append(Entry(**asdict(draft), seq=seq, prev=prev, hash=digest))
        prev = digest
    return chained


def an_incident(*story: Fact | Told, name: str = INCIDENT, start: datetime = START) -> Incident:
    """Fold facts as the product does; illegal moves are refused as they are there."""
    first, *rest = entries(*story, name=name, start=start)
    folded = folding.opened(first)
    for entry in rest:
        folded = folding.follow(folded, entry)
    return folded


def halted(**changes: Any) -> facts.Halted:
    """Ana pulled the kill switch."""
    return facts.Halted(by="U0ANA", why="something is odd").model_copy(update=changes)


def a_service(**changes: Any) -> Service:
    """The shop as the catalogue knows it."""
    given = {"name": "shop", "environment": "production", "owner": "team-shop", "tier": 2}
    return Service.model_validate({**given, "stateless": True, **changes})


def a_runbook(**changes: Any) -> Runbook:
    """Raise the pool of the fake plug-ins; what is None is left out."""
    given = {
        "runbook": "raise-pool",
        "title": "Raise the pool of a service",
        "description": "A larger pool helps a service that waits for connections.",
        "owner": "platform",
        "approved_for": [{"service": "*", "environment": "production"}],
        "match": {"alerts": ["ServiceDown"]},
        "diagnose": [{"probe": "fake.health", "as": "health"}],
        "steps": [{"do": "fake.pool", "with": {"to": 50}, "timeout": "30s"}],
        "verify": {
            "probes": [{"probe": "fake.health", "as": "health"}],
            "success": "health.status == 200",
            "within": "60s",
            "every": "5s",
            "hold": "10s",
            "relapse": "20m",
        },
        "escalate": {"to": "oncall", "say": "Look at the database behind the shop first."},
        "safety": {"cool_down": "1s"},
        "estimate": {"recovery": "1m"},
        **changes,
    }
    return Runbook.model_validate({key: value for key, value in given.items() if value is not None})


def a_rulebook(**changes: Any) -> Rulebook:
    """The people of @oncall decide everything."""
    return Rulebook.model_validate({"approvers": {"high": {"groups": ["oncall"]}}, **changes})


def a_library(
    *runbooks: Runbook,
    services: tuple[Service, ...] | None = None,
    rulebook: Rulebook | None = None,
    **changes: Any,
) -> Library:
    """What people wrote down, of one moment."""
    books, rules = runbooks or (a_runbook(),), rulebook or a_rulebook()
    return Library(
        runbooks=books,
        shelf=Shelf(books),
        services=(a_service(),) if services is None else services,
        rulebook=rules,
        policy_digest=rules.digest,
        **changes,
    )
