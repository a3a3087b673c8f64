"""Markdown in which nothing that came from outside is Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.core import visible

_MARKUP = re.compile(r"([\\`*_\[\]<>|#!~])")


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write its lines; the names are ours, the cells are anybody's."""
    yield _row(names)
    yield _row(["---"] * len(names))
    yield from (_row([cell(value) for value in row]) for row in rows)


def cell(value: str) -> str:
    r"""
    Make one line of it that means nothing to a reader of Markdown.

    >>> print(cell("a|b <c>"))
    a\|b \<c\>
    """
    return _MARKUP.sub(r"\\\1", visible.line(value)).replace("&", "&amp;")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
