"""Where an order is about: `payments`, `payments in production`, `*`; pure."""

from __future__ import annotations

from typing import NamedTuple

from bot.core.clauses import ANY


class Place(NamedTuple):
    """A service and an environment, `*` being all of them, and the words that follow."""

    service: str
    environment: str
    rest: str


def place(text: str) -> Place | None:
    """
    Read where it is, and what comes after; nothing when nothing is named.

    >>> place('payments in production 2h "release"')
    Place(service='payments', environment='production', rest='2h "release"')
    >>> place("* 2h in a hurry").environment
    '*'
    """
    words = text.split(maxsplit=3)
    if len(words) > 2 and words[1].lower() == "in":
        return Place(words[0], words[2], "".join(words[3:]).strip())
    return Place(words[0], ANY, text[len(words[0]) :].strip()) if words else None
