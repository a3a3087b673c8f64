"""Counting what happens to incidents in this life, from the entries as they are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from bot.core.approval import Ending
from bot.core.exhibit import CSV, PNG
from bot.core.facts import (
    Asked,
    CameBack,
    Closed,
    Decided,
    Exhibited,
    Expired,
    Planned,
    RolledBack,
    Started,
    StepEnding,
    Stepped,
    Verified,
)
from bot.core.incident import Incident
from bot.core.policy.verdict import Ruling
from bot.core.transcript import Entry
from bot.telemetry import metrics
from bot.telemetry.metrics import Figure

JOINED, OPENED = "alert.joined", "incident.opened"
MOST = 100
"""Sources that are told apart."""
OTHER = "other"
Counts = Counter[tuple[str, ...]]


class Counting:
    """Each count by its labels, as telemetry/metrics.py names them."""

    def __init__(self, took: Callable[[Figure, float], None]) -> None:
        """`took` is told what one of the histograms' things took, in seconds."""
        self._took = took
        self.recorded: Counts = Counter()
        self.plans: Counts = Counter({(word,): 0 for word in (*_WORDS.values(), "healthy", "none")})
        self.stopped: Counts = Counter()
        self.runs: Counts = Counter({(outcome,): 0 for outcome in _OUTCOMES})
        self.approvals: Counts = Counter({(word,): 0 for word in ("asked", *map(str, Ending))})
        self.steps: Counts = Counter(
            {(str(ending), back): 0 for ending in StepEnding for back in ("no", "yes")}
        )
        self.verifications: Counts = Counter(
            {(of, word): 0 for of in ("run", "rollback") for word in ("passed", "failed")}
        )
        self.exhibits: Counts = Counter({(sort,): 0 for sort in ("picture", "text", "table")})

    def told(self, incident: Incident, entry: Entry) -> None:
        """Count one entry that is safe: for ports.Cases.subscribe."""
        if entry.kind == JOINED or (entry.kind == OPENED and incident.opened.alert is not None):
            self._heard(entry.actor)
            return
        at, _, latest = incident.story[-1]
        self._measured(incident, at, latest)
        match latest:
            case Planned() as planned:
                self._planned(planned)
            case Started(refused=refused):
                self._begun(refused)
            case fact:
                if outcome := _outcome(incident, fact):
                    self.runs[(outcome,)] += 1

    def _measured(self, incident: Incident, at: datetime, fact: object) -> None:
        match fact:
            case Asked():
                self.approvals[("asked",)] += 1
            case Decided(ending=ending):
                self.approvals[(str(ending),)] += 1
                asked = incident.asked.request.asked_at if incident.asked else None
                if asked and ending in {Ending.APPROVED, Ending.REJECTED}:
                    self._took(metrics.APPROVED_IN, (at - asked).total_seconds())
            case Expired() if incident.expired:
                self.approvals[(str(Ending.EXPIRED),)] += 1
            case Stepped(ending=ending, back=back, seconds=seconds):
                self.steps[(str(ending), "yes" if back else "no")] += 1
                if ending is StepEnding.DONE:
                    self._took(metrics.STEP_IN, seconds)
            case Verified(back=back, passed=passed, seconds=seconds):
                of, word = "rollback" if back else "run", "passed" if passed else "failed"
                self.verifications[(of, word)] += 1
                self._took(metrics.VERIFIED_IN, seconds)
                if passed and not back:
                    self._took(metrics.HEALED_IN, (at - incident.opened_at).total_seconds())
            case Exhibited(media=media):
                self.exhibits[({PNG: "picture", CSV: "table"}.get(media, "text"),)] += 1

    def _heard(self, source: str) -> None:
        known = (source,) in self.recorded or len(self.recorded) < MOST
        self.recorded[(source if known else OTHER,)] += 1

    def _planned(self, planned: Planned) -> None:
        if planned.plan is None or planned.healthy:
            self.plans[("healthy" if planned.healthy else "none",)] += 1
            return
        word = _WORDS[planned.ruling]
        self.plans[(word,)] += 1
        if planned.ruling is not Ruling.ALLOW:
            for verdict in planned.verdicts:
                if verdict.ruling is planned.ruling:
                    self.stopped[(word, verdict.rule)] += 1

    def _begun(self, refused: tuple[str, ...]) -> None:
        if refused:
            self.stopped[("deny", "begin")] += 1
        else:
            self.runs[("started",)] += 1


_WORDS = {Ruling.ALLOW: "allow", Ruling.ASK: "ask", Ruling.DENY: "deny"}
_OUTCOMES = ("started", "verified", "rolled_back", "left", "reverted", "came_back")


def _outcome(incident: Incident, fact: object) -> str:
    """What this fact makes of the run of its incident; empty when nothing."""
    match fact:
        case Verified(back=False, passed=True):
            return "verified"
        case RolledBack(clean=False):
            return "left"
        case RolledBack():
            return "reverted" if incident.reverting else "rolled_back"
        case CameBack():
            return "came_back"
        case Closed() if incident.ran:
            settled = incident.rolled_back or incident.healed_at
            return "" if settled else "left"
        case _:
            return ""
