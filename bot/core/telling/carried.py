"""What was carried out, step by step, and what was read before it and after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.core import chain, facts, values, visible
from bot.core.facts import Reading
from bot.core.incident import Incident
from bot.core.telling.blocks import Block, Bullet, Heading, Verbatim, table
from bot.core.telling.phrases import measured, reading, span
from bot.core.values import Facts

_STEPS = ("Step", "Began", "Ended", "Took", "Given", "What came of it")
HEAD = ("Reading", "Before", "After", "After the way back")
CHANGED = 12
"""Rows at most where only what changed is told."""
MOST = 200
"""Signs of a reading that stand in a table of two; it is whole among the readings."""


def steps(incident: Incident) -> Iterator[Block]:
    """Each step and each step back as it went: when, with what, and how it ended."""
    rows = list(_steps(incident))
    if rows:
        yield Heading(2, "Steps carried out")
        yield table(_STEPS, rows)


def _steps(incident: Incident) -> Iterator[tuple[str, ...]]:
    planned = {one.number: one for one in incident.plan.steps} if incident.plan else {}
    began: dict[tuple[int, bool], datetime] = {}
    for one in incident.story:
        match one.fact:
            case facts.Claimed(stop=""):
                began.setdefault((one.fact.number, one.fact.back), one.at)
            case facts.Stepped(number=number, back=back) as done:
                at, meant = began.get((number, back)), planned.get(number)
                what = f"{meant.action}: {measured(meant.params)}" if meant else "not known"
                doubt = ", which an earlier life had begun" if done.uncertain else ""
                yield (
                    f"{number}{', back' if back else ''}",
                    chain.stamp(at) if at else "not begun",
                    chain.stamp(one.at),
                    span(done.seconds),
                    what,
                    f"{done.ending}{doubt}: {done.says}",
                )


def compared(incident: Incident) -> Iterator[Block]:
    """Every reading of every probe before and after, side by side."""
    rows = before_after(incident)
    if rows:
        yield Heading(2, "Before and after")
        yield table(HEAD, rows)


def before_after(incident: Incident) -> list[tuple[str, ...]]:
    """The rows of that table; none while nothing was read afterwards."""
    before = _by_name(incident.evidence.readings if incident.evidence else ())
    after = _by_name(incident.verified.readings if incident.verified else ())
    back = _by_name(incident.back_verified.readings if incident.back_verified else ())
    if not before or not (after or back):
        return []
    names = dict.fromkeys((*before, *after, *back))
    return [row for name in names for row in _rows(name, before, after, back)]


def changed(incident: Incident) -> list[tuple[str, ...]]:
    """Of what was read after a run, by the names of readings: what is not as it was before."""
    rows = (row[:3] for row in before_after(incident))
    return [row for row in rows if row[2] and row[1] != row[2]][:CHANGED]


def _rows(name: str, *times: dict[str, Reading]) -> Iterator[tuple[str, ...]]:
    found = [time.get(name) for time in times]
    fields = dict.fromkeys(field for one in found if one for field in one.seen)
    for field in fields:
        said = [_seen(one, field) for one in found]
        if any(said):
            yield f"{name}: {field}", *said
    if not fields:
        yield name, *(_seen(one, "") for one in found)


def _seen(one: Reading | None, field: str) -> str:
    if one is None:
        return ""
    if one.error:
        return f"nothing seen: {one.error}"
    value = one.seen.get(field)
    if value is None:
        return ""
    said = value if isinstance(value, str) else values.canonical(value)
    return said if len(said) <= MOST else f"{said[:MOST]}…"


def _by_name(readings: tuple[Reading, ...]) -> dict[str, Reading]:
    return {one.name: one for one in readings}


def readings(incident: Incident) -> Iterator[Block]:
    """What was seen, with the lines of logs and reports as they are."""
    for title, held in (
        ("Evidence before", incident.evidence),
        *((f"Proof after step {one.number}", one) for one in incident.proofs),
        ("Proof after", incident.verified),
        ("Proof of the way back", incident.back_verified),
    ):
        if held and held.readings:
            yield Heading(2, title)
            yield from (block for one in held.readings for block in _reading(one))


def _reading(one: Reading) -> Iterator[Block]:
    """One item; a text of several lines, such as a disk's report, stands below it as it is."""
    texts = {name: value for name, value in one.seen.items()
             if isinstance(value, str) and "\n" in value.strip()}  # fmt: skip
    seen: Facts = {name: value for name, value in one.seen.items() if name not in texts}
    yield Bullet(reading(one.model_copy(update={"seen": seen})))
    for name, text in texts.items():
        yield Bullet(f"{name}:")
        yield Verbatim(tuple(map(visible.line, text.splitlines())), indent=True)
