"""Plan: runbook + real parameters + targets + way back, before anyone says yes to its hash."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from bot.core import values
from bot.core.blast_radius import SEEN, BlastRadius, Target
from bot.core.cmdb import Entry
from bot.core.deployment import Deployment
from bot.core.objection import Objection
from bot.core.values import Facts, Frozen


class Reversibility(StrEnum):
    """Which way back an action has; the third kind never runs unattended."""

    REVERSIBLE = "reversible"
    SELF_RESTORING = "self-restoring"
    IRREVERSIBLE = "irreversible"


class OnUncertain(StrEnum):
    """What to do when an earlier life may have begun the action already."""

    PROBE = "probe"
    REDO = "redo"
    ASK = "ask"


class Scope(Frozen):
    """What an action would touch, read from the live world before anyone is asked."""

    blast_radius: BlastRadius
    pre_state: Facts = Field(description="what undo needs; only facts whose change matters")
    says: str = Field(description="exactly what would be done, one line")
    undo_says: str = Field(default="", description="exactly what undo would do; empty = nothing")
    cost: str = Field(default="", description="what it adds to the bill, when prices are known")
    lasting: tuple[str, ...] = Field(
        default=(), description="facts of the pre-state that no undo brings back, and says so"
    )


class PlannedProbe(Frozen):
    """One read: its result is called `name` in the conditions."""

    name: str
    probe: str
    params: Facts


class Criteria(Frozen):
    """When it counts as healed: `success` held for `hold` within `within` (seconds)."""

    probes: tuple[PlannedProbe, ...]
    success: str
    within: float
    every: float
    hold: float
    relapse: float


class PlannedStep(Frozen):
    """One exact action; `back` means that it is carried out by the action's undo."""

    number: int = Field(ge=1)
    action: str
    params: Facts
    scope: Scope
    reversibility: Reversibility
    back: bool = False
    on_uncertain: OnUncertain = OnUncertain.PROBE
    timeout: float = Field(gt=0, description="seconds")
    then: Criteria | None = Field(
        default=None, description="what must hold before the next step begins"
    )


class WayBack(Frozen):
    """When a healed service goes back to how it was: by time, or when the original recovers."""

    after: float | None = Field(default=None, description="seconds, unless somebody keeps it")
    on_recovery: str | None = None
    hold: float = Field(default=0, description="seconds that `on_recovery` must stay true")
    probes: tuple[PlannedProbe, ...] = ()
    verify: bool = True


class Plan(Frozen):
    """Everything that will happen, exactly; built by reads only."""

    incident: str
    runbook: str
    runbook_digest: str
    policy_digest: str
    title: str
    service: str
    environment: str
    params: Facts
    names: Facts = Field(default={}, description="what its conditions may name besides probes")
    steps: tuple[PlannedStep, ...] = Field(min_length=1)
    criteria: Criteria
    way_back: WayBack = WayBack()
    because: tuple[str, ...] = Field(default=(), description="why this runbook matched")
    confidence: float = Field(default=1.0, ge=0, le=1)
    cost: str = ""
    estimate: float = Field(default=0, description="seconds until it is expected to be healed")
    escalate_to: str = "oncall"
    escalate_say: str = ""
    undoes: str = Field(default="", description="the incident whose run this plan takes back")
    deploying: tuple[Deployment, ...] = Field(default=(), description="what its own check found")
    objections: tuple[Objection, ...] = Field(default=(), description="what tickets say against it")
    cmdb: tuple[Entry, ...] = Field(default=(), description="what CMDBs say of the service")

    @property
    def digest(self) -> str:
        """What an approval is bound to: any change in what would be done changes it."""
        return values.digest(self.model_dump(mode="json", exclude=SEEN))

    @property
    def targets(self) -> tuple[Target, ...]:
        """Every target once, in the order of the steps."""
        every = (target for step in self.steps for target in step.scope.blast_radius.targets)
        return tuple({target.key: target for target in every}.values())

    @property
    def can_go_back(self) -> bool:
        """True when at least one step has something to undo."""
        return any(
            step.reversibility is Reversibility.REVERSIBLE and not step.back for step in self.steps
        )
