"""What policy makes of tickets that cannot be read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.values import Frozen


class Tickets(Frozen):
    """A ticket that is closed, on hold or under a blackout always denies; an unread one may ask."""

    unread: Literal["allow", "ask"] = Field(
        default="allow",
        description="what an incident's ticket that cannot be read means: `ask` a person, or "
        "`allow`, so that a ticket system that is away keeps nothing from being healed",
    )
    change: Literal["tell", "require"] = Field(
        default="tell",
        description="what a change record means that could not be opened before a run: `require` "
        "lets nothing begin without it, `tell` says so and opens it later, so that a ticket system "
        "that is away keeps nothing from being healed",
    )
