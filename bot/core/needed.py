"""Needed: services that another one cannot do without, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.core.values import Frozen


class Needed(Frozen):
    """A service that is needed, and the incident in which it is in trouble."""

    service: str
    incident: str

    @property
    def says(self) -> str:
        """
        For people.

        >>> Needed(service="shop-db", incident="inc-7f3k2m").says
        'shop-db (inc-7f3k2m)'
        """
        return f"{self.service} ({self.incident})"


class Needs:
    """
    Who needs whom, directly or through others, in one environment.

    Of services that need each other none is needed by another, so that nobody ever waits for who
    waits for them.
    """

    def __init__(self, depends_on: Mapping[str, Iterable[str]]) -> None:
        """`depends_on` gives for each name the names that it needs itself; any may be unknown."""
        self._direct = {name: tuple(dict.fromkeys(needs)) for name, needs in depends_on.items()}
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, name: str) -> tuple[str, ...]:
        """All that it needs, the nearest first."""
        if name not in self._known:
            reached = self._reached(name)
            self._known[name] = tuple(one for one in reached if name not in self._reached(one))
        return self._known[name]

    def _reached(self, name: str) -> dict[str, None]:
        """Everything behind it, itself included where it needs itself through others."""
        found: dict[str, None] = {}
        line = [*self._direct.get(name, ())]
        for one in line:
            if one not in found:
                found[one] = None
                line += self._direct.get(one, ())
        return found
