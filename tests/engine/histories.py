"""Histories by chance: ledgers of many incidents, interleaved, each move a legal one; and a fold
of all of it, which keeps everything and knows no short cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from bot.core import approval, episode, facts, folding, trouble
from bot.core.alert import Alert, AlertStatus
from bot.core.episode import Episode
from bot.core.errors import IllegalTransition
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.lifecycle import ACTING, Event, State
from bot.core.policy.history import Attempt
from bot.core.transcript import Draft, Entry
from tests import builders

SERVICES = ("", "shop", "web")
FINGERPRINTS = ("f1", "f2", "f3")
ALERTS = tuple(
    builders.an_alert(
        fingerprint=fingerprint, labels={"service": service, "environment": "production"}
    )
    for service in SERVICES
    for fingerprint in FINGERPRINTS
)
PLAN = builders.a_plan()
REQUEST = approval.Request(
    round=1, plan_digest=PLAN.digest, quorum=1, expires_at=builders.START + timedelta(days=9)
)
LATELY = timedelta(hours=1)
ENDS = (
    Event.NO_PLAN, Event.GAVE_UP, Event.ALERT_CLEARED, Event.CANCELLED, Event.WAS_HEALTHY,
    Event.POLICY_DENIED, Event.APPROVAL_REFUSED, Event.ROLLED_BACK, Event.REVERTED,
    Event.CAME_BACK, Event.ONLY_SHOWN, Event.ALERT_CLEARED, Event.ALERT_CLEARED,
)  # fmt: skip


def history(chance: Random, length: int) -> Iterator[Draft]:
    """A ledger's worth of drafts, a minute apart."""
    told = Fold()
    for number in range(length):
        name, fact = _next(chance, told)
        at = builders.START + timedelta(minutes=number)
        draft = Draft(
            at=at, incident=name, actor="heal", kind=fact.kind, key=f"{name}:{number}",
            body=fact.body,
        )  # fmt: skip
        told.take(Entry(**asdict(draft), seq=number + 1, prev="", hash=""))
        yield draft


def _next(chance: Random, told: Fold) -> tuple[str, Fact]:
    if chance.random() < 0.03:
        order = facts.Halted(by="U1", why="odd") if chance.random() < 0.5 else None
        return "", order or facts.Resumed(by="U1", why="fine")
    known = list(told.incidents.values())
    if not known or chance.random() < 0.08:
        return f"inc-a{len(known)}", _opening(chance, [one.id for one in known])
    one = chance.choice(known[-3:] if chance.random() < 0.7 else known)
    return one.id, _legal(chance, one)


def _opening(chance: Random, known: list[str]) -> facts.Opened:
    if known and chance.random() < 0.3:
        wish = facts.Wish(by="U1", runbook="undo")
        return builders.an_opening(alert=None, wish=wish, undoes=chance.choice(known))
    alert = chance.choice(ALERTS)
    return builders.an_opening(alert=alert, service=alert.service)


def _legal(chance: Random, one: Incident) -> Fact:
    alert, status = chance.choice(ALERTS), chance.choice(list(AlertStatus))
    onwards: list[Fact] = [
        facts.Diagnosed(),
        facts.Planned(round=1, plan=PLAN, digest=PLAN.digest),
        facts.Allowed(round=1, digest=PLAN.digest),
        facts.Asked(request=REQUEST),
        facts.Rebuilt(round=1, digest=PLAN.digest),
        _started(chance, one),
        facts.Acted(failed="" if chance.random() < 0.8 else "step 1"),
        _verified(passed=chance.random() < 0.8),
        facts.Reverting(why="its time is up"),
    ]
    ends: list[Fact] = [facts.Closed(event=event, says="over") for event in ENDS]
    beside: list[Fact] = [
        facts.Joined(alert=alert.model_copy(update={"status": status})),
        facts.CameBack(alert=alert, again="inc-later"),
        facts.TakenBack(by="inc-later"),
    ]
    late = one.state in {State.HEALED, State.REVERTING, State.ROLLING_BACK}
    while True:
        (some,) = chance.choices((onwards, ends, beside), (0.85, 0.6 if late else 0.01, 0.08))
        fact = chance.choice(some)
        if _may(one, fact):
            return fact


def _may(one: Incident, fact: Fact) -> bool:
    """As the engine: only what ends an incident closes it, and only what was closed comes back."""
    if isinstance(fact, facts.Started) and (one.started or one.state is not State.APPROVED):
        return False
    if isinstance(fact, facts.CameBack) and one.closed is None:
        return False
    try:
        folding.may(one, fact)
    except IllegalTransition:
        return False
    goes_on = one.state is State.RUNNING and fact.moves is Event.CANCELLED
    return not (isinstance(fact, facts.Closed) and (one.over or goes_on))


def _started(chance: Random, one: Incident) -> facts.Started:
    return facts.Started(
        digest=PLAN.digest,
        runbook=chance.choice(("restart-service", "raise-pool")),
        service=one.service,
        environment=one.environment,
        targets=tuple(chance.sample(("t1", "t2", "t3"), 2)),
        refused=("a window is full",) if chance.random() < 0.2 else (),
    )


def _verified(*, passed: bool) -> facts.Verified:
    return facts.Verified(passed=passed, why="seen", checks=1, held=1, seconds=1)


class Answers(NamedTuple):
    """Everything that a casebook can be asked, in an order that counts where it does."""

    halted: facts.Halted | None
    open: list[Incident]
    recent: list[Incident]
    since: list[Episode]
    known: list[Incident | None]
    latest: list[str]
    holding: list[str]
    undone: list[str]
    came_back: list[str]
    attempts: list[Attempt]
    held: list[str]


class Fold:
    """The plainest casebook: it folds every entry and searches all of it for each answer."""

    def __init__(self) -> None:
        self.incidents: dict[str, Incident] = {}
        self.halted: facts.Halted | None = None
        self._latest: dict[str, str] = {}
        self._holding: dict[tuple[str, str], str] = {}

    def take(self, entry: Entry) -> None:
        fact = facts.read(entry.body)
        if not entry.incident:
            self.halted = fact if isinstance(fact, facts.Halted) else None
            return
        known = self.incidents.get(entry.incident)
        folded = folding.follow(known, entry) if known else folding.opened(entry)
        self.incidents[folded.id] = folded
        if not known:
            self._latest[folded.trouble] = folded.id
        if isinstance(fact, facts.Opened | facts.Joined) and fact.alert:
            self._holding[trouble.of(fact.alert), fact.alert.fingerprint] = folded.id

    def answers(self, now: datetime) -> Answers:
        every = list(self.incidents.values())
        latest = [self._latest.get(trouble.of(alert), "") for alert in ALERTS]
        holding = [
            self._holding.get((trouble.of(alert), alert.fingerprint), "") for alert in ALERTS
        ]
        return Answers(
            halted=self.halted,
            open=[one for one in every if not one.over],
            recent=every[::-1][:7],
            since=[episode.of(one) for one in every[::-1] if one.opened_at >= now - LATELY][:5],
            known=list(every),
            latest=latest,
            holding=holding,
            undone=[self._undo_of(one.id) for one in every],
            came_back=[
                self._came_back(alert, names, now)
                for alert, *names in zip(ALERTS, latest, holding, strict=True)
            ],
            attempts=sorted(filter(None, map(_attempt, every)), key=lambda each: each.incident),
            held=[one.id for one in every if one.ran and one.state in ACTING],
        )

    def _undo_of(self, name: str) -> str:
        undoes = [one for one in self.incidents.values() if one.opened.undoes == name]
        return next((one.id for one in undoes if not one.over or one.state is State.RESOLVED), "")

    def _came_back(self, alert: Alert, names: list[str], now: datetime) -> str:
        for name in filter(None, names):
            last = self.incidents[name]
            known = {one.name for one in last.alerts.values()}
            if last.plan and last.closed_at and alert.name in known:
                window = timedelta(seconds=last.plan.criteria.relapse)
                ends = {State.RESOLVED, State.REVERTED}
                if last.state in ends and now - last.closed_at <= window:
                    return name
        return ""


def _proved(one: Incident) -> datetime | None:
    back = [told.at for told in one.story if isinstance(told.fact, facts.CameBack)]
    failed = one.state is State.NOT_FIXED
    return (back[0] if back else one.closed_at) if failed else None


def _attempt(one: Incident) -> Attempt | None:
    if one.started is None or one.started_at is None or not one.ran:
        return None
    return Attempt(
        at=one.started_at, incident=one.id, runbook=one.started.runbook, service=one.service,
        environment=one.environment, targets=one.started.targets,
        ended=None if one.state in ACTING else one.state,
        failed_at=_proved(one),
    )  # fmt: skip
