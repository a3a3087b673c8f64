"""Facts: what each kind of ledger entry says, typed; everything else is derived from these."""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import Field, TypeAdapter
from pydantic_core import PydanticSerializationError

from bot.core.facts import sharing
from bot.core.facts.agreeing import (
    Allowed,
    Asked,
    Barred,
    Decided,
    Edited,
    Planned,
    Queued,
    Rebuilt,
    Reminded,
    Shown,
    Snoozed,
    TurnCame,
    Voted,
)
from bot.core.facts.calling import Gathered, Raised, Taken, Unheard
from bot.core.facts.ending import (
    CameBack,
    Closed,
    Escalated,
    Expired,
    Froze,
    Halted,
    Proposed,
    Refused,
    Resumed,
    Reviewed,
    Signalled,
    Thawed,
)
from bot.core.facts.exhibiting import Exhibited
from bot.core.facts.fact import Fact
from bot.core.facts.keeping import LedgerRestored, LedgerSealed
from bot.core.facts.opening import (
    BreakGlass,
    Chosen,
    Diagnosed,
    GoesOn,
    Joined,
    Miss,
    News,
    Opened,
    PassedOn,
    Quiet,
    Quieted,
    Reading,
    Waits,
    Wish,
)
from bot.core.facts.permitting import (
    PermitAsked,
    PermitBarred,
    PermitGranted,
    PermitRefused,
    PermitRevoked,
    PermitVoted,
)
from bot.core.facts.renewing import PolicyRefused, PolicyTaken
from bot.core.facts.running import (
    Acted,
    Cancelling,
    Claimed,
    Kept,
    Proof,
    Recovered,
    Reverting,
    RolledBack,
    Started,
    StepEnding,
    Stepped,
    StepVerified,
    TakenBack,
    Verified,
)
from bot.core.facts.ticketing import TicketAgain, TicketLinked, TicketTold
from bot.core.facts.witnessing import CheckpointKey

__all__ = [
    "Acted", "Allowed", "AnyFact", "Asked", "Barred", "BreakGlass", "CameBack", "Cancelling",
    "CheckpointKey", "Chosen", "Claimed", "Closed", "Decided", "Diagnosed", "Edited", "Escalated",
    "Exhibited", "Expired", "Fact", "Froze", "Gathered", "GoesOn", "Halted", "Joined", "Kept",
    "LedgerRestored", "LedgerSealed", "Miss", "News", "Opened", "PassedOn", "PermitAsked",
    "PermitBarred", "PermitGranted", "PermitRefused", "PermitRevoked", "PermitVoted", "Planned",
    "PolicyRefused", "PolicyTaken", "Proof", "Proposed", "Queued", "Quiet", "Quieted", "Raised",
    "Reading",
    "Rebuilt", "Recovered", "Refused", "Reminded", "Resumed", "Reverting", "Reviewed",
    "RolledBack", "Shown", "Signalled", "Snoozed", "Started", "StepEnding", "StepVerified",
    "Stepped", "Taken", "TakenBack", "Thawed", "TicketAgain", "TicketLinked", "TicketTold",
    "TurnCame", "Unheard", "Verified", "Voted", "Waits", "Wish", "read",
]  # fmt: skip

AnyFact = Annotated[
    Opened
    | Joined
    | PassedOn
    | Quieted
    | GoesOn
    | Waits
    | News
    | Chosen
    | Diagnosed
    | Planned
    | Shown
    | Allowed
    | Asked
    | Reminded
    | Snoozed
    | Voted
    | Barred
    | Decided
    | Edited
    | Rebuilt
    | Queued
    | TurnCame
    | Started
    | Claimed
    | Stepped
    | StepVerified
    | Acted
    | Verified
    | Reverting
    | Reviewed
    | Signalled
    | TicketLinked
    | TicketTold
    | TicketAgain
    | Kept
    | Recovered
    | Cancelling
    | RolledBack
    | TakenBack
    | Escalated
    | Raised
    | Taken
    | Unheard
    | Gathered
    | Closed
    | CameBack
    | Halted
    | Resumed
    | Froze
    | Thawed
    | PermitAsked
    | PermitVoted
    | PermitBarred
    | PermitGranted
    | PermitRefused
    | PermitRevoked
    | Proposed
    | Exhibited
    | Expired
    | Refused
    | PolicyTaken
    | CheckpointKey
    | PolicyRefused
    | LedgerRestored
    | LedgerSealed,
    Field(discriminator="kind"),
]
_ANY: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)


def read(body: str) -> AnyFact:
    """Turn an entry's body back into its fact; raises pydantic's ValidationError if it is none."""
    known = sharing.recent(body)
    return cast("AnyFact", known) if known else sharing.one(body, _validated)


def _validated(body: str) -> AnyFact:
    return sharing.lean(_ANY.validate_json(body))


def written(fact: Fact) -> str:
    """
    The body of a fact, which whoever reads it within a moment need not take apart again.

    One that cannot be written exactly as it is, is read again as it was written.
    """
    try:
        body = fact.model_dump_json()
    except PydanticSerializationError:
        return fact.body
    sharing.keep(body, fact)
    return body
