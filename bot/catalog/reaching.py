"""Reaching: every machine that the library names stands in the settings, or nothing starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue

from bot.clients.hosts import HostSettings, unknown
from bot.core.library import Library

FACT = "_host"
"""Facts of services that end so name a machine: unit_host, disk_host."""


def unreachable(library: Library, settings: Callable[[], HostSettings]) -> list[str]:
    """Each place that names a machine which no setting knows; they are read only if one does."""
    named = list(_named(library))
    known = settings() if named else HostSettings()
    return [f"{place}: {why}" for place, name in named if (why := unknown(name, known))]


def _named(library: Library) -> Iterator[tuple[str, str]]:
    for service in library.services:
        for fact, value in service.facts.items():
            if fact.endswith(FACT):
                place = f"policy/services.yaml: {service.name} in {service.environment}"
                yield f"{place}, {fact}", str(value)
    for service, call in library.checks:
        place = f"policy/services.yaml: {service.name} in {service.environment}, {call.probe}"
        yield from _written(place, call.probe, call.params)
    for book in library.runbooks:
        for step in book.steps:
            yield from _written(f"{book.runbook}.yaml, {step.do}", step.do, step.params)
        for call in book.probes:
            yield from _written(f"{book.runbook}.yaml, {call.probe}", call.probe, call.params)
    for detector in (one for one in library.detectors if one not in library.idle):
        for call in detector.probes:
            place = f"detectors/{detector.detector}.yaml, {call.probe}"
            yield from _written(place, call.probe, call.params)


def _written(place: str, called: str, given: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """A machine that is written down; one that comes with the alert is refused when it comes."""
    name = given.get("host")
    if called.startswith("host.") and isinstance(name, str) and "${" not in name:
        yield place, name
