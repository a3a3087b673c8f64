"""Graphing: what a graph of an incident shows is asked for, signal by signal."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from pydantic import ValidationError

from bot import ports
from bot.core import graph, redaction
from bot.core.errors import ActionError
from bot.core.graph import Bound, Graph, Line, Panel
from bot.core.incident import Incident
from bot.core.plan import PlannedProbe
from bot.engine.world import World

BEFORE, MOST = timedelta(minutes=15), timedelta(hours=6)
"""What is shown before the incident, and how much time at most."""
STEPS, FINEST = 240, 5.0
"""How many points are asked for, and how many seconds lie between two at least."""
WITHIN = 20.0
"""Seconds that the answer for one signal may take."""
Course = tuple[tuple[Line, ...], str]
"""The lines of a signal, and why there are none if there should be; both empty: nobody keeps it."""
AS_READ, UNANSWERED = "as Heal read it", "no answer for its course: as Heal read it"


async def gather(world: World, incident: Incident, *, asks: bool = True) -> Graph | None:
    """
    Ask for each signal of its plan; None when none of them has a course.

    Unless it `asks`, what Heal itself read has to do.
    """
    if incident.plan is None:
        return None
    criteria, now = incident.plan.criteria, world.clock.now()
    since = max(incident.opened_at - BEFORE, now - MOST)
    bounds = graph.bounds(criteria.success, incident.plan.names)
    panels = list[Panel]()
    for probe in criteria.probes[: graph.PANELS]:
        bound = next((one for one in bounds if one.probe == probe.name), None)
        course = await _course(world, probe, since) if asks else ((), "")
        panel = _panel(incident, probe, bound, course)
        panels += [panel] if panel is not None else []
    if not panels:
        return None
    if all(panel.sparse for panel in panels):
        since = max(since, incident.opened_at - timedelta(minutes=1))
    what = graph.short(f"{incident.service} in {incident.environment}")
    return Graph(
        title=graph.short(f"{incident.id}, {what}: {incident.opened.title}", 100),
        since=since,
        until=world.clock.now(),
        panels=tuple(panels),
        marks=graph.marks(incident),
    )


def _panel(
    incident: Incident, probe: PlannedProbe, bound: Bound | None, course: Course
) -> Panel | None:
    """From where it is kept; else what Heal itself read, if that is more than one number."""
    lines, note = course
    if not lines and bound is not None:
        read = graph.readings(incident, bound)
        lines = (read,) if len(read.points) > 1 else ()
        note = note or AS_READ
    if not lines or all(not line.points for line in lines):
        return None
    unit = probe.params.get("unit") or (graph.unit(bound.field) if bound else "")
    return Panel(
        title=graph.short(probe.name),
        unit=graph.short(str(unit), 30),
        lines=lines,
        sign=bound.sign if bound else "",
        limit=bound.limit if bound else None,
        note=note,
        sparse=bool(note),
    )


async def _course(world: World, probe: PlannedProbe, since: datetime) -> Course:
    plugin = world.plugins.probe(probe.probe)
    if not isinstance(plugin, ports.Ranged):
        return (), ""
    until = world.clock.now()
    step = max(FINEST, (until - since).total_seconds() / STEPS)
    try:
        params = plugin.params.model_validate(probe.params)
        async with asyncio.timeout(WITHIN):
            lines = await plugin.over(params, since, until, step)
    except (TimeoutError, ActionError, ValidationError):
        return (), UNANSWERED
    named = (Line(label=graph.short(redaction.text(one.label), 40), points=one.points)
             for one in lines[: graph.LINES])  # fmt: skip
    return tuple(one for one in named if _seen(one)), "" if any(map(_seen, lines)) else UNANSWERED


def _seen(line: Line) -> bool:
    return any(value is not None for _, value in line.points)
