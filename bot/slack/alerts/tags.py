"""Tags and fields that a message prints, as names and values; pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.labels import OURS, Pair, tagged
from bot.slack.alerts.said import Part


def ours(text: str) -> Iterator[Pair]:
    """Read the lines that say the service or the environment, and nothing else."""
    yield from (pair for pair in tagged(text, "\n") if pair[0].lower() in OURS)


def titled(part: Part) -> Iterator[Pair]:
    """Read the fields whose titles are a service's or an environment's."""
    yield from ((one.title, one.value) for one in part.fields if one.title.lower() in OURS)


def after(text: str, title: str) -> str:
    r"""
    Return what stands after a title in its line; empty when no line has it, or several have.

    >>> after("it fell\nTags: env:prod", "Tags:")
    'env:prod'
    """
    found = [line.removeprefix(title).strip() for line in text.splitlines()
             if line.startswith(title)]  # fmt: skip
    return found[0] if len(found) == 1 else ""
