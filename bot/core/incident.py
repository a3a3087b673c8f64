"""Incident: alerts taken together as one trouble; folded from its entries, never stored."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from pydantic import AwareDatetime

from bot.core import approval, facts, lifecycle, trouble
from bot.core.alert import Alert, Severity
from bot.core.approval import Ending
from bot.core.lifecycle import State
from bot.core.occurrence import Fired
from bot.core.plan import Plan
from bot.core.rest import Rest
from bot.core.ticket import Tickets
from bot.core.values import Frozen


class Timed(NamedTuple):
    """A fact with who said it and when."""

    at: datetime
    actor: str
    fact: facts.AnyFact


class Incident(Frozen):
    """Everything that is known of one trouble: what people see, what policy asks about."""

    id: str
    opened: facts.Opened
    opened_at: AwareDatetime
    state: State = State.OPENED
    alerts: dict[str, Alert] = {}
    """The first of them, by their fingerprints, each as it stands; rest.MOST at most."""
    rest: Rest = Rest()
    apart: dict[str, facts.Joined] = {}
    """Those of another cause, which wait for its end; rest.MOST, and `apart_more` that fire."""
    apart_more: int = 0
    passed_on: facts.PassedOn | None = None
    seen: int = 0
    fired: tuple[Fired, ...] = ()
    quiet: facts.Quiet | None = None
    """Nobody is told of it, and nothing done; what ended so was never shown."""
    waits: facts.Waits | None = None
    chosen: facts.Chosen | None = None
    evidence: facts.Diagnosed | None = None
    planned: facts.Planned | None = None
    built_at: AwareDatetime | None = None
    asked: facts.Asked | None = None
    votes: tuple[facts.Voted, ...] = ()
    decided: facts.Decided | None = None
    edits: tuple[facts.Edited, ...] = ()
    queued: facts.Queued | None = None
    expired: bool = False
    started: facts.Started | None = None
    started_at: AwareDatetime | None = None
    steps: tuple[facts.Stepped, ...] = ()
    proofs: tuple[facts.StepVerified, ...] = ()
    claimed: facts.Claimed | None = None
    acted: facts.Acted | None = None
    verified: facts.Verified | None = None
    healed_at: AwareDatetime | None = None
    undone: tuple[facts.Stepped, ...] = ()
    back_verified: facts.Verified | None = None
    news: facts.News | None = None
    reverting: facts.Reverting | None = None
    rolled_back: facts.RolledBack | None = None
    kept: facts.Kept | None = None
    rebuilt: facts.Rebuilt | None = None
    cancelling: facts.Cancelling | None = None
    halted: facts.Halted | None = None
    """The stop of the house that met it while it was open, until that is released."""
    escalated: facts.Escalated | None = None
    raised: tuple[facts.Raised, ...] = ()
    taken: facts.Taken | None = None
    closed: facts.Closed | None = None
    closed_at: AwareDatetime | None = None
    came_back: facts.CameBack | None = None
    taken_back: facts.TakenBack | None = None
    reviewed: facts.Reviewed | None = None
    signalled: facts.Signalled | None = None
    problem: facts.Proposed | None = None
    exhibits: tuple[facts.Exhibited, ...] = ()
    tickets: Tickets = {}
    """What is kept in step with it elsewhere, by system."""
    story: tuple[Timed, ...] = ()
    """All that was recorded but for the alerts that joined: these may be very many."""
    told: int = 1  # entries that it was folded from

    @property
    def service(self) -> str:
        return self.opened.service

    @property
    def environment(self) -> str:
        return self.opened.environment

    @property
    def trouble(self) -> str:
        """The group that alerts are taken together by: one service in one environment."""
        return trouble.of(self.opened.alert) if self.opened.alert else f"wish:{self.id}"

    @property
    def plan(self) -> Plan | None:
        return self.planned.plan if self.planned else None

    @property
    def reminded(self) -> tuple[facts.Reminded, ...]:
        """What those who are asked were reminded of, in order."""
        return tuple(one.fact for one in self.story if isinstance(one.fact, facts.Reminded))

    @property
    def over(self) -> bool:
        return self.state in lifecycle.ENDS

    @property
    def ran(self) -> bool:
        """Whether a run began, so that something may have been changed."""
        return self.started is not None and not self.started.refused

    @property
    def firing(self) -> tuple[Alert, ...]:
        """Those of its `alerts` that have not been resolved by their sender."""
        return tuple(alert for alert in self.alerts.values() if alert.firing)

    @property
    def fires(self) -> bool:
        """Whether any of its alerts has not been resolved, kept or not."""
        return self.rest.firing > 0 or any(alert.firing for alert in self.alerts.values())

    @property
    def names(self) -> frozenset[str]:
        """What its alerts are called."""
        return self.rest.names.union(alert.name for alert in self.alerts.values())

    @property
    def severity(self) -> Severity:
        """The worst of its alerts and those that wait; a person's own wish counts as a warning."""
        waiting = (one.alert for one in self.apart.values())
        order, known = list(Severity), [one.severity for one in (*self.alerts.values(), *waiting)]
        known += [self.rest.worst] if self.rest.worst else []
        return max(known, key=order.index, default=order[1])

    @property
    def waits_to_go_back(self) -> bool:
        """Whether its change goes back by itself unless somebody keeps it."""
        back = self.plan.way_back if self.plan and self.plan.can_go_back else None
        timed = back is not None and (back.after is not None or back.on_recovery is not None)
        return timed and self.kept is None and self.reverting is None

    @property
    def deaf(self) -> bool:
        """
        Whether it hears of no new alert any more: how it ends is settled, or nobody looks.

        A change that waits to go back may wait for days; new trouble is another incident.
        """
        no = self.decided is not None and self.decided.ending is not Ending.APPROVED
        settled = self.over or no or self.expired or self.news or self.reverting
        return bool(settled) or (self.state is State.HEALED and self.waits_to_go_back)

    @property
    def askable(self) -> bool:
        """Whether people may ask again: nobody answered in time, or no life can go on with it."""
        left = self.state is State.ESCALATED and self.escalated is not None and self.escalated.again
        return left or self.state is State.EXPIRED

    @property
    def run(self) -> str:
        """The name of its run, for commands and tickets."""
        return self.id.replace("inc-", "run-")


def request_of(incident: Incident) -> approval.Request | None:
    """The request that is open now, if one is."""
    over = incident.decided or incident.expired
    if incident.state is State.AWAITING_APPROVAL and incident.asked and not over:
        return incident.asked.request
    return None
