"""
Excerpt: of a log as much as people read, with the lines that a pattern finds marked by `>`.

The pattern is RE2, as in CEL: no line, whoever wrote it, can make it take long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

from bot.core import patterns, redaction

MARK, GAP = "> ", "…"
ROOM = 4096
"""Characters of an excerpt."""
LONGEST = 500
"""Characters of one line that are told."""
READ = 4 * LONGEST
"""Characters of one line that are searched for secrets: one that is cut here is never told."""
SEEN = 200
"""Lines that are looked through, the newest."""
TROUBLE = (
    "(?i)error|exception|traceback|fatal|panic|critical|fail|refused|denied|timed? ?out|killed"
    "|out of memory|no space left|segfault"
)
"""What is looked for unless a runbook says otherwise."""


class Excerpt(NamedTuple):
    """What is told, in its order; `matches` lines of it are marked."""

    log: str
    matches: int


def of(said: str, lines: int, pattern: str) -> Excerpt:
    r"""
    Choose `lines` lines: the newest half, then what matches, then the newest of the rest.

    What looks like a secret is blacked out first; where lines are left out stands a gap.

    >>> of("a\nERROR b\nc\nd\ne", 3, "ERROR").log
    '> ERROR b\n…\nd\ne'
    """
    lately = [one.rstrip()[:READ] for one in said.splitlines() if one.strip()][-SEEN:]
    seen = [_short(one) for one in redaction.text("\n".join(lately)).splitlines()]
    found = patterns.found(pattern, seen) if pattern else [False] * len(seen)
    newest = range(len(seen) - 1, -1, -1)
    order = dict.fromkeys(
        [*newest[: (lines + 1) // 2], *(one for one in newest if found[one]), *newest]
    )
    told = [f"{MARK if hit else ''}{line}" for line, hit in zip(seen, found, strict=True)]
    chosen = _that_fit(list(order)[:lines], told)
    return Excerpt(_written(chosen, told), sum(found[one] for one in chosen))


def _without_flaw(pattern: str) -> str:
    if why := patterns.flaw(pattern):
        raise ValueError(why)
    return pattern


Pattern = Annotated[
    str,
    Field(max_length=300, description="which lines are marked, in RE2; empty for none"),
    AfterValidator(_without_flaw),
]


def _that_fit(order: Sequence[int], told: Sequence[str]) -> list[int]:
    """As many as there is room for, each with a gap beside it; back in their places."""
    chosen, room = [], ROOM
    for one in order:
        room -= len(told[one]) + len(f"\n{GAP}\n")
        if room < 0:
            break
        chosen.append(one)
    return sorted(chosen)


def _written(chosen: Sequence[int], told: Sequence[str]) -> str:
    lines = []
    for before, one in zip([None, *chosen], chosen, strict=False):
        if before is not None and one != before + 1:
            lines.append(GAP)
        lines.append(told[one])
    return "\n".join(lines)


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
