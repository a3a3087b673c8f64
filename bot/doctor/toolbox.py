"""Toolbox: whether every plug-in that is named can be made from its settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pydantic import BaseModel

from bot import plugins
from bot.core.errors import ConfigurationError
from bot.doctor.finding import Finding, failed, ok, refused
from bot.doctor.patient import Patient, systems
from bot.plugins import Room


async def named(patient: Patient) -> Sequence[Finding]:
    """The actions and probes that runbooks and detectors name."""
    made: tuple[tuple[Room, Callable[[str], object]], ...] = (
        ("actions", patient.toolbox.action),
        ("probes", patient.toolbox.probe),
    )
    return [
        finding
        for room, make in made
        for name in patient.used(room)
        for finding in _tried(name, make)
    ]


async def set_up(patient: Patient) -> Sequence[Finding]:
    """Settings of systems that no runbook uses yet: a slip shows now, not on the first use."""
    return [
        finding
        for system, model in sorted(systems(patient.toolbox).items())
        if not patient.uses(system)
        for finding in _configured(patient, system, model)
    ]


async def from_outside(patient: Patient) -> Sequence[Finding]:
    """The packages that HEAL_PLUGINS allows."""
    if patient.foreign is not None:
        return [failed("HEAL_PLUGINS", str(patient.foreign).removeprefix("HEAL_PLUGINS: "),
                       "install the package, or take it off the list")]  # fmt: skip
    allowed = ", ".join(patient.settings.allowed)
    return [ok("HEAL_PLUGINS", f"allowed: {allowed}")] if allowed else []


def _tried(name: str, make: Callable[[str], object]) -> Iterator[Finding]:
    try:
        make(name)
    except ConfigurationError as error:
        yield refused(name, error)
    else:
        yield ok(name, "can be made from its settings")


def _configured(patient: Patient, system: str, model: type[BaseModel]) -> Iterator[Finding]:
    try:
        told = patient.told.sections(system).items()
        if section := {name: text for name, text in told if not name.startswith(plugins.WEBHOOK)}:
            plugins.configure(system, model, section)
            yield ok(system, "its settings are valid; nothing uses it yet")
    except ConfigurationError as error:
        yield refused(system, error)
