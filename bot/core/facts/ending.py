"""How an incident ends, and what concerns the whole house."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from bot.core.alert import Alert
from bot.core.clauses import ANY
from bot.core.facts.fact import Fact
from bot.core.ladder import Level, Need
from bot.core.lifecycle import Event


class Escalated(Fact):
    """A person is called, with what is known and what was tried."""

    kind: Literal["incident.escalated"] = "incident.escalated"
    to: str
    why: str
    say: str = ""
    calls: tuple[str, ...] = Field(
        default=(), description="groups and people of the role `to`; empty when it names no role"
    )
    again: bool = Field(
        default=False, description="whether people may ask for it again: Heal cannot go on with it"
    )
    need: Need | None = Field(
        default=None, description="why somebody is needed; None where nobody has to be called"
    )
    page: bool = Field(default=False, description="whether the pagers are told at once")
    held: bool = Field(
        default=False,
        description="whether it would page, but one page tells of it with others: too many came",
    )
    levels: tuple[Level, ...] = Field(
        default=(), description="who is called next while nobody has it, as policy said then"
    )

    @property
    def whom(self) -> tuple[str, ...]:
        """Who is mentioned."""
        return self.calls or (self.to,)


class Closed(Fact):
    """The incident ends, by this event."""

    kind: Literal["incident.closed"] = "incident.closed"
    event: Event
    says: str

    @property
    def moves(self) -> Event:
        return self.event


class Reviewed(Fact):
    """Somebody looked at the outcome of a run that nobody was asked about; the first one stands."""

    kind: Literal["run.reviewed"] = "run.reviewed"
    by: str
    right: bool

    @property
    def says(self) -> str:
        """What they found, as the end of a sentence."""
        return "it looks right" if self.right else "it is not right"


class CameBack(Fact):
    """The alert fired again inside the relapse window: it was not fixed."""

    kind: Literal["incident.came_back"] = "incident.came_back"
    alert: Alert
    again: str = Field(description="the incident that was opened for it")

    @property
    def moves(self) -> Event:
        return Event.CAME_BACK


class Signalled(Fact):
    """The gateway that raised it was told that it recovered, or why it was not; asked once."""

    kind: Literal["recovery.signalled"] = "recovery.signalled"
    mark: str = Field(description="what the signal is known by, the same at every try")
    tries: int
    why_not: str = ""


class Halted(Fact):
    """The kill switch: nothing new begins, runs stop at the next safe point."""

    kind: Literal["house.halted"] = "house.halted"
    by: str
    why: str


class Resumed(Fact):
    """The kill switch is released."""

    kind: Literal["house.resumed"] = "house.resumed"
    by: str
    why: str


class Placed(Fact):
    """An order about one service or all, in one environment or all."""

    by: str
    service: str = Field(description="a name, or `*` for every one")
    environment: str = Field(default="*", description="a name, or `*` for every one")

    @property
    def place(self) -> str:
        """What it is about, in words."""
        what = "everything" if self.service == ANY else self.service
        return what if self.environment == ANY else f"{what} in {self.environment}"

    @property
    def named(self) -> str:
        """How an order names it."""
        return self.service + ("" if self.environment == ANY else f" in {self.environment}")

    def meets(self, other: Placed) -> bool:
        """Whether there is a place that both are about."""
        return _meet(self.service, other.service) and _meet(self.environment, other.environment)


class Froze(Placed):
    """Somebody ordered that nothing is changed until then; it is over by itself."""

    kind: Literal["house.frozen"] = "house.frozen"
    until: AwareDatetime = Field(description="the first instant after it")
    why: str

    def covers(self, service: str, environment: str) -> bool:
        return self.service in {ANY, service} and self.environment in {ANY, environment}


class Thawed(Placed):
    """Somebody lifted what was ordered frozen under exactly this name."""

    kind: Literal["house.thawed"] = "house.thawed"
    why: str = ""

    def lifts(self, order: Froze) -> bool:
        return order.service == self.service and self.environment in {ANY, order.environment}


class Proposed(Fact):
    """
    Somebody wants the cause found of what keeps coming back: a problem record.

    Once in the incident that it was proposed for, once for the whole house.
    """

    kind: Literal["problem.proposed"] = "problem.proposed"
    by: str
    title: str
    service: str
    environment: str
    incidents: tuple[str, ...] = Field(description="those that it links, oldest first")


class Expired(Fact):
    """A mailbox closed by its deadline, empty."""

    kind: Literal["mail.expired"] = "mail.expired"
    deadline: AwareDatetime | None = None


class Refused(Fact):
    """Somebody knocked who may not come in: a forged signature, a wrong token."""

    kind: Literal["door.refused"] = "door.refused"
    door: str
    why: str


def _meet(one: str, other: str) -> bool:
    return one == other or ANY in {one, other}
