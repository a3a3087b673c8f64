"""What two people may override in an emergency."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.values import Frozen

Overridable = Literal[
    "stage", "freeze window", "concurrency", "rate window", "cool-down", "circuit breaker",
    "blast cap",
]  # fmt: skip
"""
Rules that say when and how much. What says what is safe, whose it is and who said stop is not here.
"""
TWO = 2
"""How many different people it takes at least."""


class BreakGlass(Frozen):
    """Whose no may be overridden; every other no stands."""

    overrides: tuple[Overridable, ...] = Field(
        default=(
            "stage", "freeze window", "concurrency", "rate window", "cool-down", "circuit breaker",
        ),
        description="rules, by their names above; `blast cap` may be added, and `[]` switches "
        "break-glass off",
    )  # fmt: skip
