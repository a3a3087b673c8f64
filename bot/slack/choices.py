"""What is offered to somebody who types into a list: the nearest first; pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from bot.core.catalogue import Service
from bot.core.runbook import Runbook

T = TypeVar("T")
MOST = 100
"""Choices that Slack takes at once."""
LONGEST = 100
"""Characters that are looked for; Slack's own field holds hardly more."""


class Words(NamedTuple):
    """What a choice is found by: its name, what begins with it counts more than what holds it."""

    name: str
    more: str = ""


def runbooks(known: Sequence[Runbook], typed: str) -> Sequence[Runbook]:
    """
    By name first, then by title, alerts and what it is for.

    Of what nobody calls so, what is spelled alike.
    """
    return offered(known, typed, _of_runbook)


def services(known: Sequence[Service], typed: str) -> Sequence[Service]:
    """By name, environment or owner."""
    return offered(known, typed, lambda one: Words(one.name, f"{one.environment} {one.owner}"))


def offered(known: Sequence[T], typed: str, words: Callable[[T], Words]) -> Sequence[T]:
    """At most MOST of them; all of them fit when nothing is typed."""
    looked = typed[:LONGEST].casefold().split()
    told = [(words(one), one) for one in known]
    ranked = [(rank, said.name, at) for at, (said, _) in enumerate(told)
              if (rank := _rank(said, looked)) is not None]  # fmt: skip
    if ranked or not looked:
        return [known[at] for _, _, at in sorted(ranked)[:MOST]]
    names = {said.name.casefold(): one for said, one in told}
    near = difflib.get_close_matches("-".join(looked), sorted(names), n=5, cutoff=0.5)
    return [names[name] for name in near]


def _of_runbook(one: Runbook) -> Words:
    return Words(one.runbook, " ".join((one.title, *one.match.alerts, one.description)))


def _rank(said: Words, looked: Sequence[str]) -> int | None:
    """0 is the best; None when something that was typed is nowhere in it."""
    name, more = said.name.casefold(), said.more.casefold()
    if not looked or name.startswith("-".join(looked)):
        return 0
    if not all(word in name or word in more for word in looked):
        return None
    begun = [part.startswith(looked[0]) for part in name.replace("-", " ").split()]
    return 1 if any(begun) else 2 if all(word in name for word in looked) else 3
