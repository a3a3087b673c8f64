"""All incidents as they stand: folded from the ledger, told onwards; what policy counts from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pydantic import ValidationError

from bot.core import facts, incident
from bot.core.alert import Alert
from bot.core.errors import IllegalTransition
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.policy.history import Attempt
from bot.core.transcript import Entry
from bot.engine.runs import Runs

Told = Callable[[Incident, Entry], None]


WHOLE = 1000
"""Ended incidents that are kept whole; the ledger has all of each of them for ever."""


class Casebook:
    """The read side of the ledger, in memory: it can be thrown away and folded again."""

    def __init__(self) -> None:
        self.runs = Runs()
        self._incidents: dict[str, Incident] = {}
        self._latest: dict[str, str] = {}
        self._holding: dict[tuple[str, str], str] = {}
        self._foreign: set[str] = set()
        self._whole: dict[str, None] = {}
        self._halted: facts.Halted | None = None
        self._told: list[Told] = []

    def load(self, entry: Entry) -> None:
        """Fold one that was recorded before this process began; nobody is told."""
        self._fold(entry)

    def take(self, entry: Entry) -> None:
        """Fold one entry that has just become safe, and tell those who asked."""
        folded = self._fold(entry)
        if folded is not None:
            for told in self._told:
                told(folded, entry)

    def subscribe(self, told: Told) -> None:
        self._told.append(told)

    def _fold(self, entry: Entry) -> Incident | None:
        if not entry.incident:
            self._house(facts.read(entry.body))
            return None
        if entry.incident in self._foreign:
            return None
        known = self._incidents.get(entry.incident)
        try:
            folded = incident.opened(entry) if known is None else incident.follow(known, entry)
        except (ValidationError, IllegalTransition):
            self._foreign.add(entry.incident)  # another version wrote it: reported, not misread
            self._incidents.pop(entry.incident, None)
            self.runs.forget(entry.incident)
            return None
        self._incidents[folded.id] = folded
        self.runs.note(folded)
        if known is None:
            self._latest[folded.trouble] = folded.id
        match folded.story[-1].fact:
            case facts.Opened(alert=Alert() as alert) | facts.Joined(alert=alert):
                self._holding[_identity(alert)] = folded.id
        if folded.over:
            self._slim_the_oldest(folded.id)
        return folded

    def _slim_the_oldest(self, over: str) -> None:
        """Keep the newest ended incidents whole; of the others, what windows and repeats need."""
        self._whole[over] = None
        if len(self._whole) > WHOLE:
            oldest = next(iter(self._whole))
            del self._whole[oldest]
            self._incidents[oldest] = incident.slim(self._incidents[oldest])

    def _house(self, fact: facts.AnyFact) -> None:
        if isinstance(fact, facts.Halted):
            self._halted = fact
        elif isinstance(fact, facts.Resumed):
            self._halted = None

    def halted(self) -> facts.Halted | None:
        return self._halted

    def get(self, name: str) -> Incident | None:
        return self._incidents.get(name)

    def find(self, words: str) -> Incident | None:
        tail = words.strip().lower().removeprefix("inc-").removeprefix("run-")
        return self._incidents.get(f"inc-{tail}")

    def open(self) -> Sequence[Incident]:
        return [one for one in self._incidents.values() if not one.over]

    def recent(self, count: int) -> Sequence[Incident]:
        return list(self._incidents.values())[::-1][:count]

    def latest(self, alert: Alert) -> Incident | None:
        """The newest incident of this alert's trouble, open or over."""
        return self._incidents.get(self._latest.get(incident.trouble_of(alert), ""))

    def holding(self, alert: Alert) -> Incident | None:
        """The newest incident that this very alert belongs to, open or over."""
        return self._incidents.get(self._holding.get(_identity(alert), ""))

    def undo_of(self, name: str) -> Incident | None:
        """The incident that takes this one's run back, or did; one that ended with a no is none."""
        undoes = (one for one in self._incidents.values() if one.opened.undoes == name)
        return next((one for one in undoes if not one.over or one.state is State.RESOLVED), None)

    def settle(self, name: str) -> None:
        """The workflow is over, or broke off: what it promised is what was recorded."""
        self.runs.settle(name, self._incidents.get(name))

    def attempts(self) -> tuple[Attempt, ...]:
        """Every run that began, oldest first, with how it ended: successes and failures count."""
        return self.runs.all()

    def came_back_within(self, alert: Alert, now: datetime) -> Incident | None:
        """The healed incident that this alert proves not fixed, if its relapse window is open."""
        for last in (self.latest(alert), self.holding(alert)):
            if last is None or last.plan is None or last.closed_at is None:
                continue
            if last.state not in {State.RESOLVED, State.REVERTED}:
                continue
            if alert.name not in {one.name for one in last.alerts.values()}:
                continue  # another trouble of the same service proves nothing about this one
            if (now - last.closed_at).total_seconds() <= last.plan.criteria.relapse:
                return last
        return None


def _identity(alert: Alert) -> tuple[str, str]:
    return incident.trouble_of(alert), alert.fingerprint
