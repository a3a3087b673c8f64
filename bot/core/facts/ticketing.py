"""What outside systems were told of an incident: its tickets, its pages."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.facts.fact import Fact


class TicketLinked(Fact):
    """From now on an outside system is kept in step with it; all is told from its beginning."""

    kind: Literal["ticket.linked"] = "ticket.linked"
    system: str = Field(description="the name of the plug-in")
    reference: str = Field(description="the record there that it is about; empty = one is opened")


class TicketTold(Fact):
    """
    One update was told, or why it was not; the last one about an update stands.

    `mark` is what the update is known by there, the same at every try.
    """

    kind: Literal["ticket.told"] = "ticket.told"
    system: str
    number: int = Field(description="which of the incident's facts it tells of, counted from 0")
    mark: str
    title: str
    reference: str = Field(default="", description="the record there; empty = not known")
    tries: int
    why_not: str = ""


class TicketAgain(Fact):
    """Somebody wants told once more what was given up of it, to whatever system."""

    kind: Literal["ticket.again"] = "ticket.again"
    by: str
