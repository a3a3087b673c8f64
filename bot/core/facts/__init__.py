"""Facts: what each kind of ledger entry says, typed; everything else is derived from these."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from pydantic import Field, TypeAdapter

from bot.core.facts.agreeing import (
    Allowed,
    Asked,
    Barred,
    Decided,
    Planned,
    Rebuilt,
    Reminded,
    Voted,
)
from bot.core.facts.ending import CameBack, Closed, Escalated, Expired, Halted, Refused, Resumed
from bot.core.facts.fact import Fact
from bot.core.facts.opening import Chosen, Diagnosed, Joined, Miss, News, Opened, Reading, Wish
from bot.core.facts.running import (
    Acted,
    Cancelling,
    Claimed,
    Kept,
    Recovered,
    Reverting,
    RolledBack,
    Started,
    StepEnding,
    Stepped,
    TakenBack,
    Verified,
)

__all__ = [
    "Acted",
    "Allowed",
    "AnyFact",
    "Asked",
    "Barred",
    "CameBack",
    "Cancelling",
    "Chosen",
    "Claimed",
    "Closed",
    "Decided",
    "Diagnosed",
    "Escalated",
    "Expired",
    "Fact",
    "Halted",
    "Joined",
    "Kept",
    "Miss",
    "News",
    "Opened",
    "Planned",
    "Reading",
    "Rebuilt",
    "Recovered",
    "Refused",
    "Reminded",
    "Resumed",
    "Reverting",
    "RolledBack",
    "Started",
    "StepEnding",
    "Stepped",
    "TakenBack",
    "Verified",
    "Voted",
    "Wish",
    "read",
]

AnyFact = Annotated[
    Opened
    | Joined
    | News
    | Chosen
    | Diagnosed
    | Planned
    | Allowed
    | Asked
    | Reminded
    | Voted
    | Barred
    | Decided
    | Rebuilt
    | Started
    | Claimed
    | Stepped
    | Acted
    | Verified
    | Reverting
    | Kept
    | Recovered
    | Cancelling
    | RolledBack
    | TakenBack
    | Escalated
    | Closed
    | CameBack
    | Halted
    | Resumed
    | Expired
    | Refused,
    Field(discriminator="kind"),
]
_ANY: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)


@lru_cache(maxsize=2048)
def read(body: str) -> AnyFact:
    """
    Turn an entry's body back into its fact; raises pydantic's ValidationError if it is none.

    The same body is read by whoever is told of it, within a moment: once is enough for all.
    """
    return _ANY.validate_json(body)
