"""Calling: whether whom a runbook calls is a role of the policy, or can be a user group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.core import spelling
from bot.core.library import Library

HANDLE = re.compile(r"@?[a-z0-9._-]+")
ID = re.compile(r"[SUW][A-Z0-9]*[0-9][A-Z0-9]*")


class Slip(NamedTuple):
    """A runbook whose `escalate.to` is hardly meant, and what follows."""

    runbook: str
    message: str


def slips(library: Library) -> Iterator[Slip]:
    """Ask about each name that is like another one, or that Slack can have no group for."""
    roles, groups = library.rulebook.roles, _groups(library)
    known = {*roles, *groups}
    for book in library.runbooks:
        to = book.escalate.to
        bare = to.removeprefix("@")
        if to in roles or bare in groups or ID.fullmatch(to):
            continue
        if spelling.nearest(bare, known) is not None or not HANDLE.fullmatch(to):
            said = (
                f"neither a role nor a group that the policy names: {spelling.unknown(to, known)}"
            )
            yield Slip(book.runbook, f"it may call nobody when it did not help: {said}")


def _groups(library: Library) -> set[str]:
    """Every user group that the policy names anywhere, without its @."""
    rules = library.rulebook
    panels = (rules.approvers.low, rules.approvers.medium, rules.approvers.high,
              rules.approvers.fallback, rules.operators)  # fmt: skip
    named = [group for one in panels if one is not None for group in one.groups]
    named += [group for role in rules.roles.values() for group in role.groups]
    return {group.removeprefix("@") for group in named}
