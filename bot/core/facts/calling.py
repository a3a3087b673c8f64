"""After a person was called: who has it, and who is called when nobody does."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.facts.fact import Fact


class Raised(Fact):
    """Nobody said in time that they have it, so the next level is called."""

    kind: Literal["escalation.raised"] = "escalation.raised"
    level: int = Field(ge=2, description="those who were called first are level 1")
    calls: tuple[str, ...] = Field(description="groups and people who are mentioned")
    who: tuple[str, ...] = Field(default=(), description="people who are written to in private")
    page: bool = Field(default=True, description="whether the pagers are told")
    held: bool = Field(
        default=False,
        description="whether it would page, but one page tells of it with others: too many came",
    )


class Gathered(Fact):
    """One page tells of all incidents whose own pages were held back in a storm."""

    kind: Literal["escalation.gathered"] = "escalation.gathered"
    level: int = Field(default=1, ge=1, description="the level that is called by it")
    incidents: tuple[str, ...] = Field(description="all of them, the worst first")
    lines: tuple[str, ...] = Field(description="what the first of them are about, a line each")


class Taken(Fact):
    """Somebody has it, so nobody further is called; the first one stands."""

    kind: Literal["escalation.taken"] = "escalation.taken"
    by: str = Field(description="a user id, or a name as the pager gives it")
    at: str = Field(default="", description="the pager that says so; empty for Slack")


class Unheard(Fact):
    """Everybody was called, and nobody said in time that they have it."""

    kind: Literal["escalation.unheard"] = "escalation.unheard"
    levels: int = Field(description="how many levels were called")
