"""Markdown in which nothing that came from outside is Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.core import visible
from bot.core.telling.blocks import Block, Bullet, Heading, Picture, Prose, Table, Verbatim

_MARKUP = re.compile(r"([\\`*_\[\]<>|#!~])")


def rendered(blocks: Iterable[Block]) -> str:
    """Write a document; items of a list stand together, all else an empty line apart."""
    last: Block | None = None
    lines: list[str] = []
    for block in blocks:
        if last is not None and not (isinstance(last, Bullet) and isinstance(block, Bullet)):
            lines.append("")
        lines += _lines(block)
        last = block
    return "\n".join(lines) + "\n"


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


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"{'#' * level} {cell(text)}"
        case Table(names, rows):
            yield from table(names, rows)
        case Prose(text):
            yield text
        case Bullet(text):
            yield f"- {cell(text)}"
        case Picture():
            yield "The picture lies in the line of its entry, in base64."
        case Verbatim(lines, "", indent):
            yield from (f"{'      ' if indent else '    '}{visible.line(line)}" for line in lines)
        case Verbatim(lines, language, _):
            yield from (f"```{language}", *lines, "```")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
