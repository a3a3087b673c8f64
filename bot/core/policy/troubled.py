"""Troubled: how many services of the catalogue are in trouble now, and whether that is a storm."""

from __future__ import annotations

from typing import NamedTuple

from bot.core.policy.sections import Storm
from bot.core.policy.wording import share


class Troubled(NamedTuple):
    """So many services have an open incident whose alert fires, of all that are known."""

    services: int = 0
    of: int = 0

    @property
    def percent(self) -> float:
        return 100.0 * self.services / self.of if self.of else 0.0

    @property
    def says(self) -> str:
        """
        For people.

        >>> Troubled(12, 40).says
        '12 of 40 services (30 %) have an open incident'
        """
        named = f"{self.services} of {self.of} services ({share(self.percent)})"
        return f"{named} {'has' if self.services == 1 else 'have'} an open incident"

    def storm(self, limits: Storm) -> bool:
        """Whether that is more than the policy calls a bad day."""
        return self.services >= limits.at_least and self.percent > limits.above_percent
