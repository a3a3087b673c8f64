"""Counting what happens to incidents in this life, from the entries as they are made."""

from __future__ import annotations

from collections import Counter

from bot.core.facts import CameBack, Closed, Planned, RolledBack, Started, Verified
from bot.core.incident import Incident
from bot.core.policy.verdict import Ruling
from bot.core.transcript import Entry

JOINED, OPENED = "alert.joined", "incident.opened"
MOST = 100
"""Sources that are told apart."""
OTHER = "other"
Counts = Counter[tuple[str, ...]]


class Counting:
    """Each count by its labels, as telemetry/metrics.py names them."""

    def __init__(self) -> None:
        self.recorded: Counts = Counter()
        self.plans: Counts = Counter({(word,): 0 for word in (*_WORDS.values(), "healthy", "none")})
        self.stopped: Counts = Counter()
        self.runs: Counts = Counter({(outcome,): 0 for outcome in _OUTCOMES})

    def told(self, incident: Incident, entry: Entry) -> None:
        """Count one entry that is safe: for ports.Cases.subscribe."""
        if entry.kind == JOINED or (entry.kind == OPENED and incident.opened.alert is not None):
            self._heard(entry.actor)
            return
        match incident.story[-1].fact:
            case Planned() as planned:
                self._planned(planned)
            case Started(refused=refused):
                self._begun(refused)
            case fact:
                if outcome := _outcome(incident, fact):
                    self.runs[(outcome,)] += 1

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
