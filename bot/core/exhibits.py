"""Exhibits: which an incident has, made of what was read; all of it without secrets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

from bot.core import exhibit, graph, redaction, visible
from bot.core.excerpt import MARK
from bot.core.exhibit import CSV, LARGEST, PNG, TEXT, Exhibit
from bot.core.facts import Reading
from bot.core.graph import Graph
from bot.core.incident import Incident
from bot.core.telling import carried

GRAPH, WORDS, TABLE = "graph.png", "graph.txt", "before-after.csv"
CUT = "\n… the rest is left out"
TEXTS = 10
"""Texts of one incident at most."""


def picture(made: Graph, octets: bytes) -> Exhibit:
    """Its signals as they were drawn; ValueError when that is no picture, or too large."""
    if not octets.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError("what was drawn is no PNG")
    return exhibit.exhibited(
        GRAPH, octets, media=PNG, title="Signals before and after", says=graph.told(made),
        about="signals",
    )  # fmt: skip


def described(made: Graph, why: str) -> Exhibit:
    """The same in words, with the reason why there is no picture."""
    said = graph.told(made).replace(". ", ".\n")
    octets = _octets(f"No picture: {why}\n\n{said}\n")
    return exhibit.exhibited(
        WORDS, octets, media=TEXT, title="Signals before and after",
        says=graph.short(f"in words, for there is no picture: {why}", 300), about="signals",
    )  # fmt: skip


def texts(incident: Incident) -> list[Exhibit]:
    """What was read of several lines, such as logs and trees of folders, and the table of both."""
    found = {one.said.name: one for one in _texts(incident)}
    chosen = list(found.values())[:TEXTS]
    rows = carried.before_after(incident)
    return [*chosen, _table(rows)] if rows else chosen


def _texts(incident: Incident) -> Iterator[Exhibit]:
    for when, held in (
        ("before", incident.evidence),
        ("after", incident.verified),
        ("back", incident.back_verified),
    ):
        for one in held.readings if held else ():
            yield from _of(one, when)


def _of(one: Reading, when: str) -> Iterator[Exhibit]:
    for field, value in one.seen.items():
        if isinstance(value, str) and "\n" in value.strip():
            said = visible.lines(redaction.text(value))
            count = len(said.splitlines())
            marked = "matches" in one.seen and [1 for line in said.splitlines() if line[:2] == MARK]
            told = f", {len(marked)} of them marked with >" if marked else ""
            yield exhibit.exhibited(
                _name(f"{one.name}-{field}-{when}.txt"), _octets(said), media=TEXT,
                title=f"{one.name}: {field}, {when}",
                says=f"{count} lines that {one.probe} read{told}", about=one.name,
            )  # fmt: skip


def _table(rows: Sequence[Sequence[str]]) -> Exhibit:
    """Every reading before and after; no cell is a formula to whoever opens it."""
    written = io.StringIO()
    safe = ([_cell(redaction.text(cell)) for cell in row] for row in (carried.HEAD, *rows))
    csv.writer(written, lineterminator="\n").writerows(safe)
    return exhibit.exhibited(
        TABLE, _octets(written.getvalue()), media=CSV, title="Readings before and after",
        says=f"{len(rows)} readings side by side", about="readings",
    )  # fmt: skip


def _cell(said: str) -> str:
    """
    A cell that a spreadsheet takes for a text.

    >>> _cell("=1+1"), _cell("-3.5"), _cell("up")
    ("'=1+1", '-3.5', 'up')
    """
    number = re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", said)
    clean = visible.line(said)
    return f"'{clean}" if clean[:1] in "=+-@" and clean and not number else clean


def _octets(said: str) -> bytes:
    octets = said.encode("utf-8", "replace")
    room = LARGEST - len(CUT.encode())
    return (
        octets
        if len(octets) <= LARGEST
        else octets[:room].decode("utf-8", "ignore").encode() + CUT.encode()
    )


def _name(said: str) -> str:
    """
    A name of a file out of names of probes.

    >>> _name("Disk_tree-before.txt"), _name("_x.txt")
    ('disk_tree-before.txt', 'x.txt')
    """
    return re.sub(r"[^a-z0-9._-]", "-", said.lower())[-100:].lstrip("._-")
