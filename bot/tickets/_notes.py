"""Notes: an update as every tracker writes it, before it is the tracker's own markup."""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.core import facts
from bot.core.exhibit import Exhibit
from bot.core.incident import Incident
from bot.core.telling import carried
from bot.core.telling.blocks import Table
from bot.core.updates import Update

LONGEST = 6000
"""Signs of a note's lines; written as markup it may be five times as many, which all take."""
CELLS = 60
"""Rows of a table."""
_MARK = re.compile(r"heal:([\w-]+(?:\.[\w-]+)*)")
_ALREADY = ("before: ", "after: ")
"""How lines begin that the table says better."""


class Note(NamedTuple):
    """What stands in one comment, or in the description of what is opened; in plain text."""

    title: str
    text: str
    table: Table | None
    link: str
    incident: str
    marks: tuple[str, ...]
    exhibit: Exhibit | None = None
    about: str = ""
    """The issue of the incident that a problem record belongs to."""

    @property
    def file(self) -> str:
        """What the exhibit is called, the same at every try; empty without one."""
        run = self.incident.replace("inc-", "run-")
        return f"{run}-{self.exhibit.said.name}" if self.exhibit else ""

    @property
    def signature(self) -> tuple[str, ...]:
        """The words of its last line, by which it is known to be there already."""
        return tuple(f"heal:{mark}" for mark in self.marks)


def note(update: Update, *marks: str) -> Note:
    """Write an update down; `marks` come before its own, for what is opened by it."""
    table = _compared(update.incident) if isinstance(update.fact, facts.Verified) else None
    lines = update.text.splitlines()
    if table:
        lines = [line for line in lines if not line.startswith(_ALREADY)]
    return Note(
        title=update.title,
        text=_cut("\n".join(lines)),
        table=table,
        link=update.link,
        incident=update.incident.id,
        marks=(*marks, update.mark),
        exhibit=update.exhibit,
    )


def marks(text: str) -> frozenset[str]:
    r"""
    Read what a comment is known by, from its last line.

    >>> sorted(marks("heal:inc-1.2 is no mark here\nheal:inc-1 heal:inc-1.0"))
    ['inc-1', 'inc-1.0']
    """
    lines = text.rstrip().splitlines()
    return frozenset(_MARK.findall(lines[-1])) if lines else frozenset()


def _compared(incident: Incident) -> Table | None:
    """What was read before and after, without the columns in which nothing stands."""
    held = next((one for one in carried.compared(incident) if isinstance(one, Table)), None)
    if held is None:
        return None
    filled = [place for place, _ in enumerate(held.names) if any(row[place] for row in held.rows)]
    rows = (tuple(row[place] for place in filled) for row in held.rows[:CELLS])
    return Table(tuple(held.names[place] for place in filled), tuple(rows))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…\n(the rest is in the transcript)"
