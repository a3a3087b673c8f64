"""CMDB: what a register outside knows of a service; what the catalogue says goes before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import Field

from bot.core.catalogue import UNSAID, Service
from bot.core.values import Frozen


class Dependant(Frozen):
    """What needs the service; a tier that nobody knows is taken for the highest."""

    name: str
    tier: int = Field(default=UNSAID, ge=1, le=5)


class Entry(Frozen):
    """What was read of one service, or why nothing was."""

    system: str = ""
    owner: str = ""
    environment: str = Field(default="", description="what it is used for, in the CMDB's words")
    tier: int | None = Field(default=None, ge=1, le=5)
    dependants: tuple[Dependant, ...] = ()
    unknown: str = Field(default="", description="why nothing is known; then nothing else is set")

    @property
    def line(self) -> str:
        """
        What people read of it.

        >>> Entry(system="servicenow", owner="Shop", tier=4, environment="Production").line
        "servicenow's CMDB: owner Shop, used for Production, tier 4, nothing depends on it"
        >>> Entry(system="servicenow", unknown="no answer within 3 s").line
        "servicenow's CMDB is not known: no answer within 3 s"
        """
        if self.unknown:
            return f"{self.system}'s CMDB is not known: {self.unknown}"
        used = f", used for {self.environment}" if self.environment else ""
        tier = f"tier {self.tier}" if self.tier else "tier not known"
        return (
            f"{self.system}'s CMDB: owner {self.owner or 'not known'}{used}, {tier}, "
            f"{self._needed} on it"
        )

    @property
    def _needed(self) -> str:
        names = [one.name for one in self.dependants]
        if not names:
            return "nothing depends"
        return f"{', '.join(names)} {'depends' if len(names) == 1 else 'depend'}"


def filled(service: Service, entries: Sequence[Entry]) -> Service:
    """Fill in what the catalogue leaves unsaid; of several tiers the strictest counts."""
    found: dict[str, object] = {}
    if not service.owner and (owners := [one.owner for one in entries if one.owner]):
        found["owner"] = owners[0]
    if not service.tier_said and (tiers := [one.tier for one in entries if one.tier]):
        found["tier"] = max(tiers)
    return service.model_copy(update=found) if found else service


def more(listed: Iterable[Service], entries: Iterable[Entry]) -> Iterator[Dependant]:
    """Those that the catalogue does not list among the dependants."""
    known = {one.name.casefold() for one in listed}
    for one in (dependant for entry in entries for dependant in entry.dependants):
        if one.name.casefold() not in known:
            yield one
