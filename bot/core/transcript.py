"""Entry: one line of the ledger; a transcript is the entries of one incident in their order."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from bot.core.values import Frozen


class Draft(Frozen):
    """What is asked to be recorded; the ledger adds its place in the chain."""

    at: AwareDatetime
    incident: str = Field(description="empty for what concerns the whole house")
    actor: str = Field(description="who did it: heal, policy, a Slack user id, a source's name")
    kind: str = Field(description="what it is: plan.made, approval.voted, step.done")
    key: str = Field(min_length=1, description="idempotency key: recorded once, ever")
    body: str = Field(description="canonical JSON of the fact")


class Entry(Draft):
    """A recorded line: `prev` and `hash` chain it to all lines before it (SHA-256, hex)."""

    seq: int = Field(ge=1)
    prev: str
    hash: str
