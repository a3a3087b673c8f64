"""Runs: every run that began, found by all that a window of policy may count it by."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from bot.core.facts import CameBack, Started
from bot.core.incident import Incident
from bot.core.lifecycle import ACTING, State
from bot.core.plan import Plan
from bot.core.policy.history import Attempt
from bot.core.policy.holds import Hold, Holds

EVERYWHERE = ("everywhere", "")


class Runs:
    """
    Kept by the casebook as it folds, so that judging a plan costs the same after years.

    Successes and failures count, from the moment they began. Moments are the ledger's.
    """

    def __init__(self) -> None:
        self.holds = Holds()
        self._attempts: dict[str, Attempt] = {}
        self._promised: set[str] = set()
        self._permits: dict[str, str] = {}
        self._under: defaultdict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)

    def note(self, one: Incident) -> None:
        """Take an incident as it stands now."""
        self._use(one)
        if one.started is None or one.started_at is None or not one.ran:
            return
        self._promised.discard(one.id)
        ended = None if one.state in ACTING else one.state
        known = self._attempts.get(one.id)
        if known is None or (known.at, known.ended) != (one.started_at, ended):
            self._count(one.id, one.started, one.started_at, ended, _proved(one))

    def recall(self, incident: str, started: Started, at: datetime, ended: State) -> None:
        """Take a run that is over, without its incident."""
        if not started.refused:
            if started.permit:
                self._permits[incident] = started.permit
            self._count(incident, started, at, ended)

    def promise(self, incident: str, started: Started, at: datetime) -> None:
        """
        Count a run that begins, or goes back, and hold its targets, before the ledger has it.

        Who promises asks to `settle` it when the workflow ends, however that ends.
        """
        self._promised.add(incident)
        self._count(incident, started, at, None)

    def settle(self, incident: str, one: Incident | None) -> None:
        """Count what is recorded, as it stands, in place of what was promised."""
        if incident in self._promised:
            self._promised.discard(incident)
            self.forget(incident)
            if one is not None:
                self.note(one)

    def forget(self, incident: str) -> None:
        """Count it no longer: it did not begin, or cannot be read."""
        self._attempts.pop(incident, None)
        self.holds.drop(incident)

    def by_permit(self, permit: str, but: str = "") -> int:
        """How many incidents run by this permit, ran, or were told that they may; `but` one."""
        return sum(one == permit and name != but for name, one in self._permits.items())

    def _use(self, one: Incident) -> None:
        """A decision by a permit takes one of its runs; it is given back if none begins by it."""
        use = one.decided.permit if one.decided else None
        if use is not None and (one.ran or not one.over):
            self._permits[one.id] = use.id
        else:
            self._permits.pop(one.id, None)

    def all(self) -> tuple[Attempt, ...]:
        """Every one, in the order in which they were recorded."""
        return tuple(self._attempts.values())

    def by_service(self) -> Iterator[tuple[Attempt, ...]]:
        """Every service's own, for a person who looks; each time all are gone through."""
        for (what, _), under in self._under.items():
            if what == "service" and (found := tuple(self._of([name for _, name in under]))):
                yield found

    def on(self, targets: set[str]) -> Iterator[Attempt]:
        """Those that touched one of these targets."""
        return self._of(
            [name for key in targets for _, name in self._under.get(("target", key), ())]
        )

    def concerning(self, plan: Plan, since: datetime, *, everywhere: bool) -> tuple[Attempt, ...]:
        """
        What windows that open at `since` may count, oldest first.

        That is the runs of its runbook and on its targets, or all of them, since then; and ever
        those on its service, for a circuit breaker stays open until one helped.
        """
        places = [("runbook", plan.runbook), *(("target", target.key) for target in plan.targets)]
        if everywhere:
            places.append(EVERYWHERE)
        own = self._under.get(_service(plan.service, plan.environment), ())
        names = [name for _, name in own]
        for each in (self._under.get(place, ()) for place in places):
            names += [name for _, name in each[bisect_left(each, (since, "")) :]]
        return tuple(sorted(self._of(names), key=lambda attempt: attempt.at))

    def _of(self, names: list[str]) -> Iterator[Attempt]:
        found = (self._attempts.get(name) for name in dict.fromkeys(names))
        return (attempt for attempt in found if attempt is not None)

    def _count(
        self,
        name: str,
        started: Started,
        at: datetime,
        ended: State | None,
        failed_at: datetime | None = None,
    ) -> None:
        attempt = Attempt(
            at=at,
            incident=name,
            runbook=started.runbook,
            service=started.service,
            environment=started.environment,
            targets=started.targets,
            ended=ended,
            alert=started.alert,
            failed_at=failed_at,
        )
        known = name in self._attempts  # a promise is found where its run will be
        self._attempts[name] = attempt
        if not known:
            for place in _places(attempt):
                insort(self._under[place], (at, name))
        if ended is None:
            self.holds.add(Hold(name, started.targets))
        else:
            self.holds.drop(name)


def _proved(one: Incident) -> datetime | None:
    """When what was called healed came back."""
    if one.state is not State.NOT_FIXED:
        return None
    back = (told.at for told in one.story if isinstance(told.fact, CameBack))
    return next(back, one.closed_at)


def _places(attempt: Attempt) -> Iterator[tuple[str, str]]:
    yield EVERYWHERE
    yield "runbook", attempt.runbook
    yield _service(attempt.service, attempt.environment)
    yield from (("target", key) for key in attempt.targets)


def _service(name: str, environment: str) -> tuple[str, str]:
    return "service", f"{environment}/{name}"
