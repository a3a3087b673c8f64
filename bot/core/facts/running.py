"""What is done to the world and whether it helped: claims, steps, proof, the way back."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from bot.core.facts.fact import Fact
from bot.core.facts.opening import Reading
from bot.core.lifecycle import Event
from bot.core.values import Frozen


class Started(Fact):
    """A run begins; this is what rate windows count."""

    kind: Literal["run.started"] = "run.started"
    run: str = Field(default="", description="what people call it")
    digest: str
    runbook: str
    service: str
    environment: str
    targets: tuple[str, ...]
    refused: tuple[str, ...] = Field(default=(), description="why it may not begin after all")
    alert: str = Field(default="", description="the name of the alert that it is for")
    permit: str = Field(default="", description="the permit of which this is one run")
    overrides: tuple[str, ...] = Field(
        default=(), description="break-glass: whose no is overridden"
    )

    @property
    def moves(self) -> Event | None:
        return None if self.refused else Event.RUN_STARTED


class Claimed(Fact):
    """Written before an action; another life's nonce in it means that it may have begun."""

    kind: Literal["step.claimed"] = "step.claimed"
    number: int
    back: bool = False
    nonce: str
    stop: str = Field(default="", description="why nothing more may begin; empty = go on")
    again: bool = Field(default=False, description="it is taken up from another replica")


class StepEnding(StrEnum):
    """How one step ended."""

    DONE = "done"
    FOUND_DONE = "found done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Stepped(Fact):
    """How one step ended and what it said; `uncertain` when an earlier life had claimed it."""

    kind: Literal["step.ended"] = "step.ended"
    number: int
    back: bool = False
    ending: StepEnding
    says: str
    uncertain: bool = False
    stopped: bool = Field(default=False, description="a stop kept it from being begun or repeated")
    seconds: float = 0.0

    @property
    def applied(self) -> bool:
        """True when its effect may be out there, so that a rollback must take it back."""
        return self.ending is not StepEnding.SKIPPED


class Acted(Fact):
    """The steps are over: all done, one failed, or stopped at a safe point."""

    kind: Literal["run.acted"] = "run.acted"
    failed: str = ""
    cancelled: str = ""

    @property
    def moves(self) -> Event:
        if self.cancelled:
            return Event.CANCELLED
        return Event.STEP_FAILED if self.failed else Event.STEPS_DONE


class Proof(Frozen):
    """Whether criteria held for the hold time, with the last readings."""

    passed: bool
    why: str
    checks: int
    held: float
    seconds: float
    readings: tuple[Reading, ...] = ()
    series: dict[str, tuple[tuple[float, float | None], ...]] = Field(
        default={}, description="by `probe.field`: seconds since it began and what was read then"
    )


class StepVerified(Proof, Fact):
    """Whether what must hold after a step held; if not, no other step begins."""

    kind: Literal["step.verified"] = "step.verified"
    number: int
    stopped: bool = Field(default=False, description="people stopped the run meanwhile")


class Verified(Proof, Fact):
    """Whether the success criteria held for the hold time, with the last readings as proof."""

    kind: Literal["run.verified"] = "run.verified"
    back: bool = Field(default=False, description="it was the rollback that was verified")

    @property
    def moves(self) -> Event | None:
        if self.back:
            return None
        return Event.VERIFIED if self.passed else Event.NOT_VERIFIED


class Reverting(Fact):
    """A healed service goes back on purpose: time is up, the original or the trouble is back."""

    kind: Literal["run.reverting"] = "run.reverting"
    why: str
    again: str = Field(default="", description="the incident of the alert that came back")
    firing: bool = Field(default=False, description="an alert of it was not cleared by then")

    @property
    def moves(self) -> Event:
        return Event.TIME_TO_REVERT


class Kept(Fact):
    """Somebody decided that the change stays."""

    kind: Literal["run.kept"] = "run.kept"
    by: str


class TakenBack(Fact):
    """An undo was carried out and verified: what this run did is gone again."""

    kind: Literal["run.taken_back"] = "run.taken_back"
    by: str = Field(description="the incident of the undo")


class Recovered(Fact):
    """The letter that says that the original recovered, so that the change may go back."""

    kind: Literal["mail.recovered"] = "mail.recovered"
    why: str


class Cancelling(Fact):
    """The letter that asks a run to stop at its next safe point."""

    kind: Literal["run.cancelling"] = "run.cancelling"
    by: str
    why: str


class RolledBack(Fact):
    """How the way back went; a failed one is never called rolled back."""

    kind: Literal["run.rolled_back"] = "run.rolled_back"
    clean: bool = Field(description="every applied step was taken back and that was verified")
    says: str
