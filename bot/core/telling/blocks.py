"""Blocks: what a document is made of, before it is Markdown or a page for a browser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Heading(NamedTuple):
    """A title; level 1 begins an incident."""

    level: int
    text: str


class Table(NamedTuple):
    """Cells in rows; each cell is one line."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Prose(NamedTuple):
    """A paragraph in our own words; what stands between two backticks in it is a command."""

    text: str


class Bullet(NamedTuple):
    """One item of a list."""

    text: str


class Verbatim(NamedTuple):
    """Lines as they are: a log, a hash, JSON; `indent` puts them under the item before."""

    lines: tuple[str, ...]
    language: str = ""
    indent: bool = False


class Picture(NamedTuple):
    """A picture, and what it shows."""

    says: str
    media: str
    octets: bytes


Block = Heading | Table | Prose | Bullet | Verbatim | Picture


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Make a table of rows that are computed one by one."""
    return Table(tuple(names), tuple(tuple(row) for row in rows))
