"""All incidents as they stand: folded from the ledger, told onwards; what policy counts from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce

from pydantic import ValidationError

from bot.core import episode, facts, folding, lifecycle, sighting, trouble
from bot.core.alert import Alert
from bot.core.episode import Episode
from bot.core.errors import IllegalTransition
from bot.core.headway import Headway
from bot.core.incident import Incident
from bot.core.lately import Lately
from bot.core.lifecycle import State
from bot.core.policy.history import Attempt
from bot.core.standing import Standing
from bot.core.transcript import Draft, Entry
from bot.engine.hearing import Hearing
from bot.engine.needs import Past, Ran
from bot.engine.orders import Orders
from bot.engine.queue import Queue
from bot.engine.runs import Runs
from bot.engine.sightings import Sightings
from bot.engine.troubles import Troubles
from bot.engine.underway import Underway

Told = Callable[[Incident, Entry], None]

WHOLE = 100
"""Ended incidents that stay in memory; any other is folded when it is asked for."""
OPENED = "incident.opened"
AHEAD = 10_000
"""Facts whose incidents were folded before they were recorded."""


class Casebook:
    """
    The read side of the ledger: it can be thrown away and folded again.

    In memory are what is open, every run, and a few that ended. All else is asked of the past,
    as it stood at the last entry that was taken: so an answer is the same as if the whole
    ledger had been folded.
    """

    def __init__(self, past: Past) -> None:
        """Begin with what the ledger says now; nobody is told."""
        self.runs = Runs()
        self.queue = Queue()
        self.underway = Underway()
        self.troubles = Troubles(past, self._folded)
        self._past = past
        self._head = past.head()
        self._open: dict[str, Incident] = {}
        self._ended: Lately[str, Incident] = Lately(WHOLE)
        self._sightings = Sightings(past)
        self.hearing = Hearing(past, self.holding, self.get, lambda: self._head)
        self._ahead: Lately[str, tuple[Incident, Draft, Incident]] = Lately(AHEAD)
        self._orders = Orders(past, self._head)
        self._told: list[Told] = []
        for ran in past.runs(self._head):
            self._recall(ran)
        for known in filter(None, map(self._folded, past.unclosed(self._head))):
            self._keep(known)

    def take(self, entry: Entry) -> None:
        """Fold one entry that has just become safe, and tell those who asked."""
        known = None if entry.kind == OPENED else self.get(entry.incident)
        self._head = entry.seq
        if not entry.incident:
            self._orders.take(entry)
        elif (folded := self._follow(known, entry)) is not None:
            self._keep(folded)
            for told in self._told:
                told(folded, entry)

    def ahead(self, known: Incident, draft: Draft) -> Incident:
        """How one will stand when this is recorded too; it is not folded again when it is."""
        if folded := self._foreseen(known, draft):
            return folded
        folded = folding.follow(known, draft)
        self._ahead.put(draft.key, (known, draft, folded))
        return folded

    def _followed(self, known: Incident, entry: Entry) -> Incident:
        folded = self._foreseen(known, entry) or folding.follow(known, entry)
        self._ahead.drop(entry.key)
        return folded

    def _foreseen(self, known: Incident, said: Draft) -> Incident | None:
        before, draft, folded = self._ahead.get(said.key) or (None, None, None)
        same = draft is said or (draft is not None and _says(draft) == _says(said))
        return folded if same and before is known else None

    def subscribe(self, told: Told) -> None:
        self._told.append(told)

    def on_order(self, told: Callable[[], None]) -> None:
        self._orders.subscribe(told)

    def by_permit(self, permit: str) -> int:
        return self.runs.by_permit(permit)

    def headway(self, incident: str) -> Headway | None:
        return self.underway.get(incident)

    def _follow(self, known: Incident | None, entry: Entry) -> Incident | None:
        """Fold one entry more; None for an incident that another version wrote to."""
        if known is None and entry.kind != OPENED:
            return None
        try:
            folded = folding.opened(entry) if known is None else self._followed(known, entry)
        except (ValidationError, IllegalTransition):
            self._open.pop(entry.incident, None)  # reported, not misread
            self._ended.drop(entry.incident)
            self.runs.forget(entry.incident)
            self.queue.leave(entry.incident)
            return None
        if known is None:
            self._sightings.opened(folded.trouble, folded.id)
        match facts.read(entry.body):
            case facts.Opened(alert=Alert() as alert) | facts.Joined(alert=alert):
                self._sightings.heard(sighting.identity(alert), folded.id)
        return folded

    def _folded(self, name: str) -> Incident | None:
        """Fold one incident anew, as far as the ledger was taken; None when that cannot be."""
        story = self._past.of(name, self._head)
        first = next(story, None)
        if first is None or first.kind != OPENED:
            return None
        try:
            folded = reduce(folding.follow, story, folding.opened(first))
        except (ValidationError, IllegalTransition):
            return None
        return folded

    def _keep(self, folded: Incident) -> None:
        self.runs.note(folded)
        self.troubles.note(folded)
        self.queue.note(folded)
        if folded.over:
            self._open.pop(folded.id, None)
            self._ended.put(folded.id, folded)
        else:
            self._ended.drop(folded.id)
            self._open[folded.id] = folded

    def _recall(self, ran: Ran) -> None:
        """Count a run by how it began and ended; by its whole story when these leave it open."""
        try:
            started = facts.Started.model_validate_json(ran.started)
            closed = facts.Closed.model_validate_json(ran.closed)
        except ValidationError:
            return
        ended = lifecycle.end_of_run(closed.event)
        if ended is not None and ended is not State.NOT_FIXED and not ran.came_back:
            self.runs.recall(ran.incident, started, ran.at, ended)
        elif not started.refused and (known := self._folded(ran.incident)) is not None:
            self.runs.note(known)

    def standing(self) -> Standing:
        return self._orders.standing

    def get(self, name: str) -> Incident | None:
        known = self._open.get(name) or self._ended.get(name)
        if known is None and name and (known := self._folded(name)) is not None:
            self._ended.put(name, known)
        return known

    def living(self, name: str) -> Incident | None:
        """One that is open; nothing is read for it."""
        return self._open.get(name)

    def find(self, words: str) -> Incident | None:
        return self.get(f"inc-{words.strip().lower().removeprefix('inc-').removeprefix('run-')}")

    def open(self) -> Sequence[Incident]:
        return list(self._open.values())

    def recent(self, count: int) -> Sequence[Incident]:
        """Newest first; what cannot be read is left out."""
        return list(filter(None, map(self.get, self._past.newest(count, self._head))))

    def called(self, since: datetime) -> Sequence[Incident]:
        return list(filter(None, map(self.get, self._past.called(since, self._head))))

    def since(self, at: datetime, count: int) -> Sequence[Episode]:
        """
        What was opened since then, newest first, at most so many; nothing is folded for it.

        What is open and cannot be read is left out.
        """
        found = self._past.since(at, count, self._head)
        known = ((one, self._open.get(one.id)) for one in found)
        seen = ((one, open_) for one, open_ in known if open_ is None or open_.quiet is None)
        return [episode.of(open_) if open_ else one for one, open_ in seen if open_ or one.over]

    def latest(self, alert: Alert) -> Incident | None:
        """The newest incident of this alert's trouble, open or over."""
        return self.get(self._sightings.latest(trouble.of(alert), self._head))

    def holding(self, alert: Alert) -> Incident | None:
        """The newest incident that this very alert belongs to, open or over."""
        return self.get(self._sightings.holding(sighting.identity(alert), self._head))

    def told(self, alert: Alert) -> Alert | None:
        """How the incident that this very alert belongs to heard of it last."""
        return self.hearing.told(alert)

    def undo_of(self, name: str) -> Incident | None:
        """The incident that takes this one's run back, or did; one that ended with a no is none."""
        undoes = filter(None, map(self.get, self._past.undoing(name, self._head)))
        return next((one for one in undoes if not one.over or one.state is State.RESOLVED), None)

    def again_for(self, name: str) -> Incident | None:
        """The incident that asks again for what expired in this one."""
        asking = filter(None, map(self.get, self._past.again(name, self._head)))
        return next(asking, None)

    def settle(self, name: str) -> None:
        """The workflow is over, or broke off: what it promised is what was recorded."""
        known = self.get(name)
        self.runs.settle(name, known)
        self.queue.settle(name, known)

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
            if alert.name not in last.names:
                continue  # another trouble of the same service proves nothing about this one
            if (now - last.closed_at).total_seconds() <= last.plan.criteria.relapse:
                return last
        return None


def _says(draft: Draft) -> tuple[datetime, str, str, str]:
    """All of it that a fold looks at."""
    return draft.at, draft.actor, draft.kind, draft.body
