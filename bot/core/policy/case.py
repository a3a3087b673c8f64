"""Case: everything that a rule may see of one plan; what is not in it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pydantic import Field

from bot.core.alert import Severity
from bot.core.blast_radius import Target
from bot.core.catalogue import Service
from bot.core.clauses import ApprovedFor, Safety
from bot.core.cmdb import Dependant
from bot.core.needed import Needed
from bot.core.occurrence import Fired
from bot.core.plan import Plan
from bot.core.policy import history
from bot.core.policy.history import Attempt
from bot.core.policy.holds import Holds
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.timetable import Timetable
from bot.core.policy.troubled import Troubled
from bot.core.risk import Risk
from bot.core.standing import Standing
from bot.core.values import Frozen


class Precondition(Frozen):
    """Whether the runbook's `safe_when` holds now."""

    held: bool
    why: str = Field(default="", description="what it reads, when it does not hold")


@dataclass(frozen=True, kw_only=True)
class Case:
    """
    Nothing here has a default, so that nothing forgotten can make an answer laxer.

    All of it is handed over as it stands, neither copied nor checked again: a judgement waits
    for nothing, so nothing changes under it.
    """

    plan: Plan
    risk: Risk
    rulebook: Rulebook
    now: datetime
    service: Service | None
    """The catalogue's entry; None = not listed."""
    catalogue: tuple[Service, ...]
    """Every service that claims targets, to know whose one is."""
    dependants: tuple[Service | Dependant, ...]
    """The services that say that they depend on it, and those of which a CMDB says so."""
    needed: tuple[Needed, ...]
    """What it needs itself and is in trouble now."""
    approved_for: tuple[ApprovedFor, ...]
    """Where the runbook's owner allows it."""
    safety: Safety
    """How far the runbook lets itself go."""
    safe: Precondition
    attempts: tuple[Attempt, ...]
    """Every run that a window of this plan may still count."""
    holds: Holds
    """Every run under way."""
    queue: tuple[str, ...]
    """The incidents that wait for a run to end, in their order."""
    troubled: Troubled
    """How much of the catalogue is in trouble."""
    standing: Standing
    """What people said for the whole house."""
    timetable: Timetable
    """The freezes and maintenance windows of the day."""
    wished_by: str
    """The person who asked for it; empty = an alert did."""
    edited_by: tuple[str, ...]
    """Who changed its parameters after it was shown."""
    severity: Severity
    alert: str
    """The name of what fired; empty for what a person asked for."""
    fired: tuple[Fired, ...]
    """When its trouble fired lately, this time included."""
    relapse_of: str
    """The incident that was called healed and came back."""
    unrecorded: tuple[str, ...]
    """Records that have to stand elsewhere before it begins, and do not; none before its slot."""

    @property
    def undoing(self) -> bool:
        """Whether the plan takes an earlier run back."""
        return bool(self.plan.undoes)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """What the plan touches; several rules ask."""
        return self.plan.targets

    @cached_property
    def target_keys(self) -> frozenset[str]:
        return frozenset(target.key for target in self.targets)

    @cached_property
    def tried(self) -> tuple[Attempt, ...]:
        """The attempts on this service in this environment."""
        return tuple(history.of_service(self.attempts, self.plan.service, self.plan.environment))
