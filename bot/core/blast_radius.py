"""Blast radius: everything a step could break, named and counted from the live world."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from bot.core.deployment import Deployment
from bot.core.values import Frozen

MOVING = frozenset({"seen", "deploying", "ready", "headroom"})
"""What moves by itself: it is shown and judged anew each time, and no approval hangs on it."""
SEEN: Any = {
    "deploying": True,
    "objections": True,
    "cmdb": True,
    "steps": {"__all__": {"scope": {"blast_radius": set(MOVING)}}},
}
"""What of a plan does: people are shown it, and are not asked again when it moves."""


class Target(Frozen):
    """The one thing an action touches: `key` locks it, `name` is what people read."""

    key: str = Field(min_length=1, description="stable and exact: host:web-1/unit:shop")
    name: str = Field(min_length=1, description="for people: unit shop on web-1")


class BlastRadius(Frozen):
    """What is touched, and how much of the service is away at the worst moment."""

    targets: tuple[Target, ...] = Field(min_length=1)
    unit: str = Field(default="process", description="what is counted: process, pod, setting")
    touched: int = Field(ge=0, description="how many of them the step changes")
    down_at_once: int = Field(ge=0, description="how many of them are away at the worst moment")
    total: int = Field(ge=0, description="how many of them there are")
    becomes: int | None = Field(
        default=None, description="how many there may be afterwards; None = as many as now"
    )
    ready: int | None = Field(
        default=None, ge=0, description="how many of them serve now; None = not known"
    )
    headroom: int | None = Field(
        default=None,
        ge=0,
        description="how many of them disruption budgets let go now; None = no budget is known",
    )
    dependants: tuple[str, ...] = Field(default=(), description="services that would notice")
    notes: tuple[str, ...] = ()
    seen: dict[str, str] = Field(
        default={},
        description="what stood around it when it was read, for the details: it moves by itself, "
        "so no approval hangs on it",
    )

    deploying: tuple[Deployment, ...] = Field(
        default=(), description="rollouts of these targets that somebody else has begun"
    )

    @property
    def fixed(self) -> Self:
        """All of it that an approval is bound to."""
        return self.model_copy(
            update={name: type(self).model_fields[name].get_default() for name in MOVING}
        )

    def ending(self, *more: str) -> Self:
        """The same for a step that ends what is being deployed there; with `more` notes."""
        ended = tuple(one.model_copy(update={"ended_here": True}) for one in self.deploying)
        return self.model_copy(update={"deploying": ended, "notes": (*self.notes, *more)})

    @property
    def percent(self) -> float:
        """The share that is away at the worst moment, 0 to 100."""
        return 100.0 * self.down_at_once / self.total if self.total else 0.0

    @property
    def line(self) -> str:
        """
        The one line of the card.

        >>> t = Target(key="unit:shop", name="unit shop")
        >>> BlastRadius(targets=(t,), touched=1, down_at_once=1, total=1).line
        'unit shop: touches 1 of 1 process, all down at the worst moment'
        """
        names = ", ".join(target.name for target in self.targets)
        ending = "es" if self.unit.endswith("s") else "s"
        unit = self.unit if self.total == 1 else f"{self.unit}{ending}"
        worst = "none down"
        if self.down_at_once:
            share = f"{self.down_at_once} ({self.percent:.3g} %)"
            share = "all" if self.down_at_once >= self.total else share
            worst = f"{share} down at the worst moment"
        line = f"{names}: touches {self.touched} of {self.total} {unit}, {worst}"
        if self.dependants:
            verb = "depends" if len(self.dependants) == 1 else "depend"
            line += f"; {', '.join(self.dependants)} {verb} on it"
        return "; ".join((line, *self.notes))
