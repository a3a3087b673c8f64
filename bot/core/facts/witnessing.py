"""With which key the checkpoints of the ledger are signed from now on."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.facts.fact import Fact


class CheckpointKey(Fact):
    """Checkpoints that cover this entry are signed with this key, until another takes its turn."""

    kind: Literal["house.checkpoint_key"] = "house.checkpoint_key"
    key: str = Field(description="the public key, as `heal audit key` wrote it")
    before: str = Field(default="", description="the public key that signed until now")
    handover: str = Field(
        default="",
        description="a note signed by both keys; without it the old one did not agree",
    )
