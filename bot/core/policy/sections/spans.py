"""When nothing is changed."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from bot.core.policy.sections.words import Moment, Name, Switch, Where


class Freeze(Where):
    """A span, `[starts, ends)`, in which nothing is changed."""

    name: Name = Field(description="what it is called on the card")
    starts: Moment = Field(description="its first instant, with its offset from UTC")
    ends: Moment = Field(description="the first instant after it, with its offset from UTC")
    lets_urgent_ask: Switch = Field(
        default=False, description="a critical incident may ask people instead of being refused"
    )

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> Self:
        if self.starts >= self.ends:
            raise ValueError(f"freeze {self.name!r} ends before it starts: swap starts and ends")
        return self
