"""How an incident ends, and what concerns the whole house."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from bot.core.alert import Alert
from bot.core.facts.fact import Fact
from bot.core.lifecycle import Event


class Escalated(Fact):
    """A person is called, with what is known and what was tried."""

    kind: Literal["incident.escalated"] = "incident.escalated"
    to: str
    why: str
    say: str = ""


class Closed(Fact):
    """The incident ends, by this event."""

    kind: Literal["incident.closed"] = "incident.closed"
    event: Event
    says: str

    @property
    def moves(self) -> Event:
        return self.event


class CameBack(Fact):
    """The alert fired again inside the relapse window: it was not fixed."""

    kind: Literal["incident.came_back"] = "incident.came_back"
    alert: Alert
    again: str = Field(description="the incident that was opened for it")

    @property
    def moves(self) -> Event:
        return Event.CAME_BACK


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


class Expired(Fact):
    """A mailbox closed by its deadline, empty."""

    kind: Literal["mail.expired"] = "mail.expired"
    deadline: AwareDatetime | None = None


class Refused(Fact):
    """Somebody knocked who may not come in: a forged signature, a wrong token."""

    kind: Literal["door.refused"] = "door.refused"
    door: str
    why: str
