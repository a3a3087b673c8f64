"""Tags and fields that a message prints, as names and values; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.core.labels import OURS, Pair
from bot.slack.alerts.said import Part

_TAG = re.compile(r"\s*(?:\[[^\]\s]{1,40}\])?([A-Za-z_][\w./-]{0,99})\s*[:=]\s*(.+?)\s*")


def listed(text: str, between: str = ",") -> Iterator[Pair]:
    """
    Read `name:value` or `name=value`, with commas between them; other words are no labels.

    >>> [*listed("env:prod, service=shop, [AWS]team:pay, urgent")]
    [('env', 'prod'), ('service', 'shop'), ('team', 'pay')]
    """
    for word in text.split(between):
        if found := _TAG.fullmatch(word):
            yield found[1], found[2]


def ours(text: str) -> Iterator[Pair]:
    """Read the lines that say the service or the environment, and nothing else."""
    yield from (pair for pair in listed(text, "\n") if pair[0].lower() in OURS)


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
