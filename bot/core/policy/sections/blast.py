"""How much may be hit at once, for the whole house and tighter for some services of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from bot.core.policy.sections.words import Count, Name, Percent, Tier, Where
from bot.core.values import Frozen

Least = Annotated[int, Field(strict=True, ge=0)]
UPPER = ("ask_above_percent", "deny_above_percent", "ask_above_at_once", "deny_above_at_once")
LOWER = ("min_left", "min_healthy_percent", "ask_below_instances")


class BlastLimit(Where):
    """Tighter for some services: of each number the strictest of all sections that fit holds."""

    tiers: tuple[Tier, ...] = Field(default=(), description="of these tiers only; empty = of any")
    ask_above_percent: Percent | None = Field(default=None, description="as in `blast`")
    deny_above_percent: Percent | None = Field(default=None, description="as in `blast`")
    ask_above_at_once: Count | None = Field(default=None, description="as in `blast`")
    deny_above_at_once: Count | None = Field(default=None, description="as in `blast`")
    min_left: Least | None = Field(default=None, description="as in `blast`")
    min_healthy_percent: Percent | None = Field(default=None, description="as in `blast`")
    ask_below_instances: Least | None = Field(default=None, description="as in `blast`")
    deny_above_touched: dict[Name, Count] = Field(default={}, description="as in `blast`")

    def concerns(self, service: str, environment: str, tier: int | None) -> bool:
        """A service whose tier is not known is taken for one of each."""
        fits = not self.tiers or tier is None or tier in self.tiers
        return fits and self.covers(service, environment)


class Blast(Frozen):
    """How much may be away or touched at once."""

    ask_above_percent: Percent = Field(
        default=50, description="a larger share away at the worst moment is asked for"
    )
    deny_above_percent: Percent = Field(
        default=100, description="a larger share away at the worst moment is refused; 100 = never"
    )
    ask_above_at_once: Count | None = Field(
        default=1, description="more instances away at the same time are asked for: one at a time"
    )
    deny_above_at_once: Count | None = Field(
        default=None, description="more instances away at the same time are refused"
    )
    min_left: Least = Field(
        default=1, description="fewer than these left at the worst moment is asked for"
    )
    min_healthy_percent: Percent = Field(
        default=0,
        description="a smaller share that is ready and left at the worst moment is asked for",
    )
    ask_below_instances: Least = Field(
        default=2,
        description="replacing instances of fewer than these, ready ones where that is known, is "
        "asked for: a single replica is; 0 = never",
    )
    deny_above_touched: dict[Name, Count] = Field(
        default={}, description="by unit (pod, process, node): touching more of them is refused"
    )

    @model_validator(mode="after")
    def _asks_before_it_denies(self) -> Self:
        if self.ask_above_percent > self.deny_above_percent:
            raise ValueError("ask_above_percent is above deny_above_percent: it would never ask")
        return self

    def tightened(self, limits: Sequence[BlastLimit]) -> Self:
        """The strictest of this and all of these, number by number: no limit ever loosens."""
        if not limits:
            return self
        every: list[Blast | BlastLimit] = [self, *limits]
        strictest: dict[str, Any] = {
            **{name: min(_said(every, name), default=None) for name in UPPER},
            **{name: max(_said(every, name)) for name in LOWER},
        }
        units = {unit for one in every for unit in one.deny_above_touched}
        touched = {
            unit: min(
                one.deny_above_touched[unit] for one in every if unit in one.deny_above_touched
            )
            for unit in units
        }
        return self.model_copy(update={**strictest, "deny_above_touched": touched})


def _said(every: Sequence[Blast | BlastLimit], name: str) -> list[float]:
    return [value for one in every if (value := getattr(one, name)) is not None]
