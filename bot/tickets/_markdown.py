"""
Markdown for trackers, in which nothing that came from outside is Markdown or a reference.

GitHub and GitLab look through what they rendered once more: for people to notify, issues and
commits to link, and GitLab for commands at the beginning of a line. No escape of Markdown keeps
them from that, but all of them leave code alone. So a word that is not plainly a word is code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.core import visible

_PIPE = "&#124;"
"""As an entity: in a table no other way of writing it works inside of code."""
_BEFORE, _AFTER = r"[(\"'“‘«]*", r"[,;:.!?)\"'”’»…]*"
_WORD = re.compile(rf"{_BEFORE}([^\W\d_]+(?:['’-][^\W\d_]+)*){_AFTER}")
_NUMBER = re.compile(rf"{_BEFORE}\d{{1,6}}(?:[.,]\d{{1,3}})?(?:%|ms|s|min|h)?{_AFTER}")
_TIME = re.compile(rf"{_BEFORE}\d{{1,2}}:\d\d(?::\d\d)?{_AFTER}")
_SIGNS = re.compile(r"[→←—–·…×≥≤≠≈•✓✗]+")
_COMMIT = re.compile(r"[0-9a-fA-F]{7,}")
_TICKS = re.compile(r"`+")


def words(text: str) -> str:
    """
    Write a text as one line that reads the same, whatever stands in it.

    >>> words("disk of web-1 is full, see #12 or ask @ana")
    'disk of `web-1` is full, see `#12` or ask `@ana`'
    """
    said = visible.line(text).split()
    return " ".join(
        word if _plain(word, first=not place) else code(word) for place, word in enumerate(said)
    )


def lines(text: str) -> str:
    """Write a text whose line breaks are wanted; an empty line stays one."""
    told = [words(line) for line in text.splitlines()]
    return "\n\n".join("\\\n".join(part) for part in _paragraphs(told))


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write rows of cells, each of them one line."""
    told = [[words(cell) for cell in row] for row in rows]
    return "\n".join(map(_row, ([words(name) for name in names], ["---"] * len(names), *told)))


def code(word: str) -> str:
    """
    Write one word or line as code, with as many ticks around it as it takes.

    >>> code("a`b"), code("x|y")
    ('``a`b``', '`x`&#124;`y`')
    """
    return _PIPE.join(_span(part) for part in word.split("|"))


def fenced(text: str) -> str:
    """Write lines as they are, behind a fence that none of them can open. Not for GitLab."""
    told = visible.lines(text)
    fence = "`" * max(3, _longest(told) + 1)
    return f"{fence}text\n{told}\n{fence}"


def link(says: str, url: str) -> str:
    """Write an address of our own as a link; `url` has been checked by whoever set it."""
    safe = re.sub(r"[\s<>\\]", lambda odd: f"%{ord(odd[0]):02X}", url)
    return f"[{words(says)}](<{safe}>)"


def _plain(word: str, *, first: bool) -> bool:
    """Whether nobody could take it for more; a number that begins a line could begin a list."""
    if found := _WORD.fullmatch(word):
        return not _COMMIT.fullmatch(found[1])
    if _SIGNS.fullmatch(word):
        return True
    return not first and bool(_NUMBER.fullmatch(word) or _TIME.fullmatch(word))


def _span(part: str) -> str:
    if not part:
        return ""
    ticks = "`" * (_longest(part) + 1)
    room = " " if "`" in (part[0], part[-1]) else ""
    return f"{ticks}{room}{part}{room}{ticks}"


def _longest(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def _paragraphs(told: Iterable[str]) -> Iterable[list[str]]:
    part: list[str] = []
    for line in (*told, ""):
        if line:
            part.append(line)
        elif part:
            yield part
            part = []


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
