"""`heal runbooks look`: what detectors see at this moment and would do, touching nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from bot import settings as settings_
from bot.catalog import shelving
from bot.catalog.library import load_library
from bot.clients import commands, http
from bot.clients.rig import Rig
from bot.clock import Clock
from bot.core import durations, spelling, visible
from bot.core.errors import ConfigurationError
from bot.core.facts import Reading
from bot.core.library import Library
from bot.core.lookout import BLIND, Lookout, Seen, Sight
from bot.engine import detecting
from bot.plugins import Toolbox

SHOWN = 300
"""Characters of a reading."""


def look(directory: Path, name: str) -> int:
    """Print what each lookout sees; 1 when one of them sees trouble, or nothing at all."""
    return asyncio.run(_look(directory, name))


async def _look(directory: Path, name: str) -> int:
    client = http.open_client()
    rig = Rig(http=client, clock=Clock(), run=commands.Commands(settings_.environment()))
    try:
        toolbox = Toolbox(rig, settings_.section)
        library = load_library(directory, shelving.known_names(toolbox), toolbox.told)
        found = list(_wanted(library, name))
        seen = await detecting.survey(toolbox, library, found)
    finally:
        await client.aclose()
    for lookout, (readings, one) in zip(found, seen, strict=True):
        print(*_lines(lookout, readings, one), sep="\n")
    for line in shelving.detectors_asleep(library):
        if f"detector {name}" in line:
            print(line)
    return 1 if any(one.sight in {Sight.TROUBLE, Sight.BLIND} for _, one in seen) else 0


def _wanted(library: Library, name: str) -> Iterator[Lookout]:
    names = [*(one.detector for one in library.detectors), *library.detectors_asleep]
    if name and name not in names:
        raise ConfigurationError(f"detectors: {spelling.unknown(name, names)}")
    return (one for one in library.lookouts.values() if name in {"", one.detector.detector})


def _lines(lookout: Lookout, readings: tuple[Reading, ...], seen: Seen) -> Iterator[str]:
    yield lookout.name
    for one in readings:
        values = ", ".join(f"{key} {value}" for key, value in one.seen.items())
        said = f"sees nothing: {one.error}" if one.error else values
        yield f"  {one.name} ({one.probe}): {visible.line(said)[:SHOWN]}"
    yield f"  firing when {lookout.detector.firing}"
    if lookout.detector.resolved is not None:
        yield f"  over when {lookout.detector.resolved}"
    yield f"  {visible.line(_would(lookout, seen))}"


def _would(lookout: Lookout, seen: Seen) -> str:
    """What Heal does when it sees this again and again."""
    detector = lookout.detector
    if seen.sight is Sight.TROUBLE:
        raised = f"{detector.alert.name} ({detector.alert.severity})"
        return f"TROUBLE: raises {raised} {_lasting(lookout)}: {seen.summary}"
    if seen.sight is Sight.BLIND:
        after = detector.unreadable
        then = (
            f"raises {BLIND} after {after} such looks in a row"
            if after
            else "raises nothing, resolves nothing"
        )
        return f"SEES NOTHING: {then}: {seen.why}"
    if seen.sight is Sight.BETWEEN:
        return "between: raises nothing, and resolves nothing"
    return "clear: raises nothing, and resolves what it raised"


def _lasting(lookout: Lookout) -> str:
    detector = lookout.detector
    looks = f"after {detector.times} such looks in a row" if detector.times > 1 else ""
    lasts = f"when it lasts {durations.text(detector.sustain)}" if detector.sustain else ""
    return " and ".join(filter(None, (looks, lasts))) or "at once"
