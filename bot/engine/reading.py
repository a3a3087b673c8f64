"""Reading the world through probes: for evidence, for success criteria, for recovery."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from pydantic import JsonValue, ValidationError

from bot import ports
from bot.core import redaction
from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.core.errors import ActionError
from bot.core.facts import Reading
from bot.core.plan import PlannedProbe

MOST = 1000
"""Characters of an error that are kept."""


async def read(plugins: ports.Plugins, probe: PlannedProbe, within: float) -> Reading:
    """Read one probe; whatever goes wrong is the reading's error, which is never healthy."""
    plugin = plugins.probe(probe.probe)
    try:
        params = plugin.params.model_validate(probe.params)
        async with asyncio.timeout(within):
            seen = await plugin.read(params)
    except TimeoutError:
        return Reading(name=probe.name, probe=probe.probe, error=f"no answer in {within:g} s")
    except (ActionError, ValidationError) as error:
        error_text = redaction.text(str(error))[:MOST]
        return Reading(name=probe.name, probe=probe.probe, error=error_text)
    return Reading(name=probe.name, probe=probe.probe, seen=redaction.of_facts(seen))


async def read_all(
    plugins: ports.Plugins, probes: Sequence[PlannedProbe], within: float
) -> tuple[Reading, ...]:
    """Read several at once, in their order."""
    return await together([read(plugins, probe, within) for probe in probes])


async def together(reads: Sequence[Coroutine[Any, Any, Reading]]) -> tuple[Reading, ...]:
    """Await several at once; for the one that most runbooks look at, no task is made."""
    if len(reads) == 1:
        return (await reads[0],)
    return tuple(await asyncio.gather(*reads))


def values_of(readings: Sequence[Reading]) -> dict[str, JsonValue]:
    """What conditions may look at: a probe that saw nothing has no value at all."""
    return {reading.name: dict(reading.seen) for reading in readings if not reading.error}


def about(
    alert: Alert | None, service: Service | None, params: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """The names that every expression of a runbook knows, besides its probes."""
    return {
        "alert": alert.model_dump(mode="json") if alert else {"labels": {}, "annotations": {}},
        "service": service.model_dump(mode="json") if service else {},
        "params": dict(params),
    }
