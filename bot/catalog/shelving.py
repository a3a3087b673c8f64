"""The library of this installation: what its runbooks name is there, and configured."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bot.catalog import reaching
from bot.catalog.calls import KnownNames
from bot.catalog.library import load_library
from bot.clients.hosts import HostSettings
from bot.core.errors import ConfigurationError
from bot.core.library import Library
from bot.core.matching import sleeps
from bot.plugins import Toolbox


def load(directory: Path, toolbox: Toolbox) -> Library:
    """
    Read runbooks, policy and detectors, all checked; ConfigurationError lists what is wrong.

    Runbooks that lie in a directory of a system sleep until a setting names that system.
    """
    if not directory.is_dir():
        raise ConfigurationError(
            f"HEAL_RUNBOOKS: {str(directory)!r} is no directory: point it at your runbooks"
        )
    return load_library(directory, known_names(toolbox), toolbox.told)


def known_names(toolbox: Toolbox) -> KnownNames:
    return KnownNames(actions=toolbox.params("actions"), probes=toolbox.params("probes"))


def asleep(library: Library) -> list[str]:
    """What sleeps here and what would wake it, for those who start the bot."""
    counted = sorted(Counter(library.asleep.values()).items())
    return [
        *(f"{count} that want {system} sleep: set HEAL_{system.upper()}_… to wake them"
          for system, count in counted),
        *detectors_asleep(library),
    ]  # fmt: skip


def detectors_asleep(library: Library) -> list[str]:
    """The same of detectors alone, one line each."""
    return [
        *(f"the detector {sleeps(name, system)}"
          for name, system in library.detectors_asleep.items()),
        *(f"the detector {one.detector} sleeps: no service of services.yaml fits {one.each}"
          for one in library.idle),
    ]  # fmt: skip


def equip(library: Library, toolbox: Toolbox) -> None:
    """Make every plug-in and find every machine that is named, or stop the start."""
    for book in library.runbooks:
        for step in book.steps:
            toolbox.action(step.do)
        for call in book.probes:
            toolbox.probe(call.probe)
    for lookout in library.lookouts.values():
        for call in lookout.detector.probes:
            toolbox.probe(call.probe)
    for _, call in library.checks:
        toolbox.probe(call.probe)
    if wrong := reaching.unreachable(library, lambda: toolbox.settings("host", HostSettings)):
        raise ConfigurationError("\n".join(wrong))
