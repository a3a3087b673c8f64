"""What is found out before anything is planned: the trouble, its runbook, the evidence."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from bot.core.alert import Alert
from bot.core.facts.fact import Fact
from bot.core.lifecycle import Event
from bot.core.needed import Needed
from bot.core.occurrence import Fired
from bot.core.values import Facts, Frozen


class Wish(Frozen):
    """A person's own request: this runbook, with these words; shown only, or carried out."""

    by: str
    runbook: str
    given: dict[str, str] = {}
    dry_run: bool = False
    why: str = ""
    before: tuple[str, ...] = Field(
        default=(), description="who asked for the same before, until nobody had decided in time"
    )


class BreakGlass(Frozen):
    """Somebody asks that policy's no be overridden: two others decide, for one plan made anew."""

    of: str = Field(description="the incident whose plan policy refused")
    by: str
    why: str


class Quiet(Frozen):
    """Until then nobody is told and nothing is done: it has to last, or people work there."""

    number: int = Field(default=0, description="which of its quiet times it is")
    until: AwareDatetime
    why: str
    maintenance: bool = False


class Opened(Fact):
    """An incident begins: from an alert, from a person's wish, or to take a run back."""

    kind: Literal["incident.opened"] = "incident.opened"
    workflow: str = Field(description="the version of engine/healing.py that may replay it")
    service: str
    environment: str
    title: str
    channel: str = ""
    thread: str = ""
    alert: Alert | None = None
    wish: Wish | None = None
    undoes: str = ""
    relapse_of: str = ""
    fired: tuple[Fired, ...] = Field(default=(), description="when the trouble fired before")
    again_for: str = Field(default="", description="the incident whose question nobody answered")
    cause: str | None = Field(
        default=None, description="what is behind it; None = written before that was told"
    )
    after: str = Field(default="", description="the incident that its alerts waited behind")
    quiet: Quiet | None = Field(default=None, description="nobody is told of it for a while")
    glass: BreakGlass | None = Field(default=None, description="a no of policy is to be overridden")

    @property
    def asking(self) -> tuple[str, ...]:
        """Who asked for it, each in their own way; none of them may say yes to break-glass."""
        before = self.wish.before if self.wish else ()
        now = (one.by for one in (self.glass, self.wish) if one)
        brought = (self.alert.brought_by,) if self.alert and self.alert.brought_by else ()
        return tuple(dict.fromkeys((*now, *brought, *before)))


class Joined(Fact):
    """Another alert of the same trouble, or news of one we have: firing again, resolved."""

    kind: Literal["alert.joined"] = "alert.joined"
    alert: Alert
    apart: str = Field(default="", description="another cause, for which it waits; else empty")


class Quieted(Fact):
    """A quiet time is over: another one follows, or from now on it is shown and dealt with."""

    kind: Literal["incident.quieted"] = "incident.quieted"
    quiet: Quiet | None = None
    why: str = Field(default="", description="why it was quiet")


class GoesOn(Fact):
    """The letter that says that what it waited for is over before its time."""

    kind: Literal["mail.goes_on"] = "mail.goes_on"


class Waits(Fact):
    """Something that its service needs is in trouble: nothing is planned before that is over."""

    kind: Literal["incident.waits"] = "incident.waits"
    round: int = Field(description="before this round of planning; 0 = before the first look")
    at: AwareDatetime
    until: AwareDatetime = Field(description="then a person is called")
    needed: tuple[Needed, ...]


class PassedOn(Fact):
    """Alerts of another cause, which waited, go on in an incident of their own."""

    kind: Literal["alert.passed_on"] = "alert.passed_on"
    to: str
    count: int
    alerts: tuple[str, ...] = Field(description="the names of some of them")


class News(Fact):
    """The letter that says how the alert went on: all clear, or firing again as `again`."""

    kind: Literal["mail.alert"] = "mail.alert"
    cleared: bool
    again: str = ""


class Miss(Frozen):
    """A runbook that was considered and not taken, and why."""

    runbook: str
    reason: str


class Chosen(Fact):
    """Which runbook fits, why it does and why the others do not; none is an answer too."""

    kind: Literal["runbook.chosen"] = "runbook.chosen"
    runbook: str = ""
    because: tuple[str, ...] = ()
    known: str = Field(default="", description="what the runbook's author knows of such a trouble")
    misses: tuple[Miss, ...] = ()
    why_none: str = Field(default="", description="why there is no runbook, in one sentence")
    owner: str = Field(default="", description="the service's, as the catalogue has it")
    tier: int | None = Field(default=None, description="the service's; no label of an alert")
    dependants: tuple[str, ...] = Field(default=(), description="services that depend on it")


class Reading(Frozen):
    """What one probe saw; an `error` means that nothing was seen, which is never healthy."""

    name: str
    probe: str
    seen: Facts = {}
    error: str = ""


class Diagnosed(Fact):
    """The evidence that was read before anything is done."""

    kind: Literal["evidence.read"] = "evidence.read"
    readings: tuple[Reading, ...] = ()

    @property
    def moves(self) -> Event:
        return Event.EVIDENCE_READ
