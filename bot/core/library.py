"""Library: the runbooks, services and policy of one moment; a reload swaps the whole of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.core import spelling
from bot.core.catalogue import Service
from bot.core.clauses import ProbeCall
from bot.core.detector import Detector
from bot.core.lookout import Lookout, lookouts
from bot.core.matching import Shelf, sleeps
from bot.core.needed import Needs
from bot.core.policy import one_service
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.timetable import Calendar
from bot.core.runbook import Runbook


@dataclass(frozen=True)
class Library:
    """What was written down by people, already checked."""

    runbooks: tuple[Runbook, ...]
    shelf: Shelf
    services: tuple[Service, ...]
    rulebook: Rulebook
    policy_digest: str
    detectors: tuple[Detector, ...] = ()
    asleep: Mapping[str, str] = field(default_factory=dict)
    """Runbooks that cannot be used here, each with a system that no setting names."""
    detectors_asleep: Mapping[str, str] = field(default_factory=dict)
    """The same of detectors, which are not among `detectors` then."""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    """The calendar files of the policy, by the names that windows give them."""

    def runbook(self, name: str) -> Runbook | None:
        return self._runbooks.get(name)

    def unknown(self, name: str) -> str:
        """Why there is no runbook of this name, with the remedy."""
        if (system := self.asleep.get(name)) is not None:
            return sleeps(name, system)
        return spelling.unknown(name, [book.runbook for book in self.runbooks])

    def service(self, name: str, environment: str) -> Service | None:
        """Exactly this service in exactly this environment, or nothing: never a near miss."""
        return self._services.get((name, environment))

    def dependants(self, service: Service) -> tuple[str, ...]:
        """The services of the same environment that say that they depend on this one."""
        return tuple(one.name for one in self.needing(service))

    def needing(self, service: Service) -> tuple[Service, ...]:
        """The same services, as the catalogue knows them."""
        return tuple(self._dependants.get((service.name, service.environment), ()))

    def needs(self, service: str, environment: str) -> tuple[str, ...]:
        """What a service cannot do without, in its environment; of a ring of them nothing."""
        known = self._needs.get(environment)
        return known.of(service) if known else ()

    @cached_property
    def claiming(self) -> one_service.Claimants:
        """The services that say which targets are theirs."""
        return one_service.Claimants(one for one in self.services if one_service.claims(one))

    @cached_property
    def lookouts(self) -> Mapping[str, Lookout]:
        """Every detector at every service that it looks at, by its name."""
        return {one.name: one for one in lookouts(self.detectors, self.services)}

    @property
    def idle(self) -> tuple[Detector, ...]:
        """The detectors that look at nothing: no service fits their `for`."""
        busy = {one.detector.detector for one in self.lookouts.values()}
        return tuple(one for one in self.detectors if one.detector not in busy)

    @property
    def checks(self) -> Iterator[tuple[Service, ProbeCall]]:
        """What is read to see whether a service is being deployed, each with its service."""
        for one in self.services:
            for call in one.deploying.probes if one.deploying else ():
                yield one, call

    # Looked up several times an incident, and in a big house there are thousands of each.

    @cached_property
    def _runbooks(self) -> Mapping[str, Runbook]:
        return {book.runbook: book for book in reversed(self.runbooks)}

    @cached_property
    def _services(self) -> Mapping[tuple[str, str], Service]:
        return {(one.name, one.environment): one for one in reversed(self.services)}

    @cached_property
    def _needs(self) -> Mapping[str, Needs]:
        found = defaultdict[str, dict[str, tuple[str, ...]]](dict)
        for one in self.services:
            found[one.environment][one.name] = one.depends_on
        return {environment: Needs(direct) for environment, direct in found.items()}

    @cached_property
    def _dependants(self) -> Mapping[tuple[str, str], list[Service]]:
        found = defaultdict[tuple[str, str], list[Service]](list)
        for one in self.services:
            for name in dict.fromkeys(one.depends_on):
                found[name, one.environment].append(one)
        return found
