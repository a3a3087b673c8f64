"""
Graph: an incident's signals before and after, with what was done marked; drawn elsewhere.

What was not seen stays a gap: a value that nobody read is never a point of a line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime, Field, JsonValue

from bot.core import facts, redaction, visible
from bot.core.approval import Ending
from bot.core.facts import StepEnding
from bot.core.incident import Incident
from bot.core.values import Facts, Frozen

PANELS, LINES, POINTS, MARKS = 4, 8, 2000, 16
"""How many of each a picture has at most: points are those of one line."""
SHORT = 60
"""Characters of a word in a picture."""
_BOUND = re.compile(
    r"(?<![\w.])([A-Za-z_]\w*)\.(\w+)\s*(<=|>=|==|<|>)\s*([A-Za-z_][\w.]*|-?[0-9]+(?:\.[0-9]+)?)"
    r"(?![\w.(]|\s*[-+*/%?])"
)
_UNITS = {"percent": "%", "seconds": "s", "bytes": "bytes", "status": "HTTP status"}


class Bound(NamedTuple):
    """What a success criterion asks of one field of one probe."""

    probe: str
    field: str
    sign: str
    limit: float


class Line(Frozen):
    """One series: seconds since 1970, and what was seen then; None = nothing was."""

    label: str
    points: tuple[tuple[float, float | None], ...]


class Panel(Frozen):
    """One signal."""

    title: str
    unit: str = ""
    lines: tuple[Line, ...]
    sign: str = Field(default="", description="with `limit`, when it is well: < 0.05")
    limit: float | None = None
    note: str = Field(default="", description="whence it is, when that has to be said")
    sparse: bool = Field(
        default=False, description="its points are far between: dots, not a course"
    )


class Kind(StrEnum):
    """What a mark stands for; told by its line and its word, not by colour alone."""

    AGREED = "agreed"
    ACTED = "acted"
    WELL = "well"
    BAD = "bad"


class Mark(Frozen):
    """Something that happened at a moment."""

    at: AwareDatetime
    says: str
    kind: Kind


class Graph(Frozen):
    """One picture: panels over the same time, with the same marks."""

    title: str
    since: AwareDatetime
    until: AwareDatetime
    panels: tuple[Panel, ...] = Field(min_length=1, max_length=PANELS)
    marks: tuple[Mark, ...] = ()


def bounds(success: str, names: Facts) -> tuple[Bound, ...]:
    """
    Read what a criterion wants of each field, as far as that is a comparison with a number.

    One that joins with `||`, or turns around, promises no single line: then there is none.

    >>> bounds("errors.value < 0.05 && disk.percent <= params.most", {"params": {"most": 80}})[1]
    Bound(probe='disk', field='percent', sign='<=', limit=80.0)
    """
    if "||" in success or "?" in success or re.search(r"!(?!=)", success):
        return ()
    found = []
    for probe, field, sign, limit in _BOUND.findall(success):
        wanted = number(_at(names, limit.split(".")) if not _numeric(limit) else float(limit))
        if wanted is not None:
            found.append(Bound(probe, field, sign, wanted))
    return tuple(found)


def marks(incident: Incident) -> tuple[Mark, ...]:
    """What people and Heal did, in its order: agreed, each step, what came of it."""
    return tuple(_marks(incident))[:MARKS]


def readings(incident: Incident, bound: Bound) -> Line:
    """What Heal itself read of a field, in the order of its readings."""
    points = dict(_read(incident, bound))
    return Line(label=bound.probe, points=tuple(sorted(points.items()))[-POINTS:])


def unit(field: str) -> str:
    """
    Guess what a field is measured in, by its name.

    >>> unit("percent"), unit("free_bytes"), unit("value")
    ('%', 'bytes', '')
    """
    return _UNITS.get(field.rpartition("_")[2], "")


def short(said: str, most: int = SHORT) -> str:
    """A word of others as a picture may have it: on one line, without secrets, not too long."""
    clean = visible.line(redaction.text(said))
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def told(graph: Graph) -> str:
    """Tell a picture to who does not see it: its panels, their first and last values, the marks."""
    said = [f"{graph.title}, {graph.since:%Y-%m-%d %H:%M} to {graph.until:%H:%M} UTC"]
    for panel in graph.panels:
        well = f", well when {panel.sign} {panel.limit:g}" if panel.limit is not None else ""
        seen = "; ".join(_course(line) for line in panel.lines)
        said.append(f"{panel.title}{f' ({panel.unit})' if panel.unit else ''}{well}: {seen}")
    said += [f"{mark.at:%H:%M:%S} {mark.says}" for mark in graph.marks]
    return ". ".join(said)[:1500]


def _course(line: Line) -> str:
    values = [value for _, value in line.points if value is not None]
    gaps = sum(value is None for _, value in line.points)
    if not values:
        return f"{line.label}: no data"
    gap = f", no data {gaps} times" if gaps else ""
    return f"{line.label} from {values[0]:g} to {values[-1]:g}{gap}"


def _marks(incident: Incident) -> Iterator[Mark]:
    says = {one.number: one.action for one in incident.plan.steps} if incident.plan else {}
    for at, _, fact in incident.story:
        match fact:
            case facts.Decided(ending=Ending.APPROVED):
                yield Mark(at=at, says="approved", kind=Kind.AGREED)
            case facts.Allowed():
                yield Mark(at=at, says="policy allowed it", kind=Kind.AGREED)
            case facts.Stepped(number=number, back=back, ending=StepEnding.DONE) as done:
                began = at - timedelta(seconds=done.seconds)
                what = f"undo {says.get(number, 'step')}" if back else says.get(number, "step")
                yield Mark(at=began, says=short(what), kind=Kind.ACTED)
            case facts.Stepped(ending=StepEnding.FAILED | StepEnding.UNKNOWN as ending):
                yield Mark(at=at, says=f"step {fact.number} {ending}", kind=Kind.BAD)
            case facts.Verified(back=False, passed=passed):
                word = "verified" if passed else "NOT verified"
                yield Mark(at=at, says=word, kind=Kind.WELL if passed else Kind.BAD)
            case facts.RolledBack(clean=clean):
                word = "rolled back" if clean else "rollback FAILED"
                yield Mark(at=at, says=word, kind=Kind.WELL if clean else Kind.BAD)


def _read(incident: Incident, bound: Bound) -> Iterator[tuple[float, float | None]]:
    key = f"{bound.probe}.{bound.field}"
    for at, _, fact in incident.story:
        if isinstance(fact, facts.Proof):
            began = at - timedelta(seconds=fact.seconds)
            for after, value in fact.series.get(key, ()):
                yield (began + timedelta(seconds=after)).timestamp(), value
        if isinstance(fact, facts.Diagnosed | facts.Proof):
            for one in fact.readings:
                if one.name == bound.probe:
                    seen = None if one.error else number(one.seen.get(bound.field))
                    yield at.timestamp(), seen


def _at(names: Mapping[str, JsonValue], path: list[str]) -> JsonValue:
    found: JsonValue = dict(names)
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _numeric(word: str) -> bool:
    return word[0] in "-0123456789"


def number(value: JsonValue) -> float | None:
    """
    What of a reading can be drawn: a finite number.

    >>> number(0.5), number(True), number("7")
    (0.5, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def span(incident: Incident, now: datetime, before: timedelta, most: timedelta) -> datetime:
    """From when on a picture shows what happened: a while before it was opened, if it fits."""
    return max(incident.opened_at - before, now - most)
