"""How a plan comes to be allowed: planned, judged, asked for, voted on, rebuilt."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from bot.core import approval
from bot.core.circle import Seen
from bot.core.facts.fact import Fact
from bot.core.facts.opening import Reading
from bot.core.lifecycle import Event
from bot.core.permit import Use
from bot.core.plan import Plan
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.risk import Risk

SEEN = "who could decide, as it was read for this click; None = nobody was asked for it"


class Planned(Fact):
    """A plan, its risk and every rule's verdict; or the reasons why none could be made."""

    kind: Literal["plan.made"] = "plan.made"
    round: int
    plan: Plan | None = None
    digest: str = ""
    risk: Risk | None = None
    ruling: Ruling = Ruling.DENY
    verdicts: tuple[Verdict, ...] = ()
    refused: tuple[str, ...] = ()
    healthy: bool = Field(default=False, description="the success criteria held already")
    readings: tuple[Reading, ...] = Field(default=(), description="why it counts as healthy")
    moved: tuple[str, ...] = Field(default=(), description="what changed since it was shown")
    flapping: str = Field(default="", description="that it fires again and again")
    repeats: str = Field(default="", description="that it had incident after incident")
    replaces: str = Field(default="", description="the hash of the plan that was shown before")
    hands_to: str = Field(default="", description="who is called, when nothing is left to do")
    review: bool = Field(default=False, description="people review the outcome afterwards")
    overrides: tuple[str, ...] = Field(
        default=(), description="break-glass: all rules that deny it, of which people are asked"
    )

    @property
    def moves(self) -> Event | None:
        return Event.PLAN_MADE if self.plan and not self.healthy else None


class Shown(Fact):
    """In stage dry_run a plan is only shown; this is how it would have been decided otherwise."""

    kind: Literal["plan.shown"] = "plan.shown"
    round: int
    digest: str
    runbook: str
    service: str
    environment: str
    would: Ruling = Field(description="the strictest answer of all rules but the stage")
    whom: tuple[str, ...] = Field(default=(), description="groups and people it would have asked")
    reasons: tuple[str, ...] = Field(default=(), description="why it would have asked or denied")

    @property
    def says(self) -> str:
        """What policy would have done, as the end of a sentence that begins with policy."""
        if self.would is Ruling.ALLOW:
            return "would have let it run unattended"
        said = "would have refused it"
        if self.would is Ruling.ASK:
            said = f"would have asked {', '.join(self.whom) or 'people'}"
        return f"{said}: {'; '.join(self.reasons)}"


class Allowed(Fact):
    """Policy lets it run without asking; its verdicts stand in the plan's entry."""

    kind: Literal["policy.allowed"] = "policy.allowed"
    round: int
    digest: str

    @property
    def moves(self) -> Event:
        return Event.POLICY_ALLOWED


class Asked(Fact):
    """People are asked; the card carries the buttons of this round."""

    kind: Literal["approval.asked"] = "approval.asked"
    request: approval.Request
    hopeless: str = Field(default="", description="why nobody could say yes to it, if so")

    @property
    def moves(self) -> Event:
        return Event.POLICY_ASKED


class Reminded(Fact):
    """People were reminded that they are asked; or those were called who stand in for them."""

    kind: Literal["approval.reminded"] = "approval.reminded"
    round: int
    fallback: bool = False
    who: tuple[str, ...] = Field(
        default=(), description="who of those that stand in is written to in private"
    )


class Snoozed(Fact):
    """Somebody wants to be reminded of it then, or before its question expires, if it is open."""

    kind: Literal["incident.snoozed"] = "incident.snoozed"
    by: str
    until: AwareDatetime


class Voted(Fact):
    """One eligible person's yes or no."""

    kind: Literal["approval.voted"] = "approval.voted"
    round: int
    vote: approval.Vote
    grounds: dict[str, tuple[str, ...]] | None = Field(
        default=None,
        description="who of all that voted so far may decide at this moment, and by which groups, "
        "schedules or names; None = written before that was kept",
    )
    lapsed: tuple[str, ...] = Field(
        default=(), description="whose earlier yes does not count any more"
    )
    seen: Seen | None = Field(default=None, description=SEEN)


class Barred(Fact):
    """Somebody clicked who may not decide this; kept, for attempts matter too."""

    kind: Literal["approval.barred"] = "approval.barred"
    round: int
    who: str
    why: str
    seen: Seen | None = Field(default=None, description=SEEN)


class Edited(Fact):
    """
    The letter that ends one round of asking without a decision: other parameters are wanted.

    `given` are all that people gave so far, as they typed them, `changes` what is new in words.
    """

    kind: Literal["plan.edited"] = "plan.edited"
    round: int
    by: str
    given: dict[str, str]
    changes: tuple[str, ...]
    seen: Seen | None = Field(default=None, description=SEEN)


class Decided(Fact):
    """The letter that ends one round of asking; the first one stands."""

    kind: Literal["approval.decided"] = "approval.decided"
    at: AwareDatetime
    ending: approval.Ending
    by: tuple[str, ...] = ()
    why: str = ""
    permit: Use | None = Field(default=None, description="the yes was given in advance")
    seen: Seen | None = Field(default=None, description=SEEN)


class Rebuilt(Fact):
    """After the yes the plan was built again: unchanged it holds, moved it must be asked anew."""

    kind: Literal["plan.rebuilt"] = "plan.rebuilt"
    round: int
    digest: str
    changes: tuple[str, ...] = ()
    waited: bool = Field(default=False, description="not after a yes: its turn to run came")

    @property
    def moves(self) -> Event:
        if self.changes:
            return Event.PLAN_MOVED
        return Event.TURN_CAME if self.waited else Event.APPROVAL_GIVEN


class Queued(Fact):
    """It may run, but for others that do: it waits its turn, at most until a deadline."""

    kind: Literal["run.queued"] = "run.queued"
    round: int
    at: AwareDatetime = Field(description="when it took its place; who came first goes first")
    place: int = Field(description="1 is next")
    of: int = Field(description="how many wait")
    why: str = ""
    until: AwareDatetime
    advanced: bool = Field(default=False, description="it waited already, and others left")

    @property
    def moves(self) -> Event | None:
        return None if self.advanced else Event.TURN_AWAITED


class TurnCame(Fact):
    """The letter that says that a run may begin now."""

    kind: Literal["mail.turn"] = "mail.turn"
