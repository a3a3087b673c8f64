"""What is said of permits: yeses that are given in advance, for the whole house."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from bot.core import approval
from bot.core.circle import Seen
from bot.core.facts.agreeing import SEEN
from bot.core.facts.fact import Fact
from bot.core.permit import Wanted


class PermitAsked(Fact):
    """Somebody asks that a runbook may run on a service without asking each time."""

    kind: Literal["house.permit.asked"] = "house.permit.asked"
    permit: str
    wanted: Wanted
    request: approval.Request
    channel: str = ""


class PermitVoted(Fact):
    """One eligible person's yes or no to a permit."""

    kind: Literal["house.permit.voted"] = "house.permit.voted"
    permit: str
    vote: approval.Vote
    grounds: dict[str, tuple[str, ...]] | None = Field(
        default=None, description="who of all that voted so far may decide now, and by what"
    )
    seen: Seen | None = Field(default=None, description=SEEN)


class PermitBarred(Fact):
    """Somebody clicked who may not decide this permit."""

    kind: Literal["house.permit.barred"] = "house.permit.barred"
    permit: str
    who: str
    why: str
    seen: Seen | None = Field(default=None, description=SEEN)


class PermitGranted(Fact):
    """Enough people said yes: it holds until then, or until something ends it before."""

    kind: Literal["house.permit.granted"] = "house.permit.granted"
    permit: str
    by: tuple[str, ...]
    until: AwareDatetime


class PermitRefused(Fact):
    """Somebody who may decide said no."""

    kind: Literal["house.permit.refused"] = "house.permit.refused"
    permit: str
    by: str
    why: str = ""


class PermitRevoked(Fact):
    """It was taken back before its time, or before anybody decided."""

    kind: Literal["house.permit.revoked"] = "house.permit.revoked"
    permit: str
    by: str
    why: str = ""
