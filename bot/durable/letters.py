"""Letters, and what else stands in the record under a name: read back, and never another thing."""

from __future__ import annotations

from bot.core.errors import HealError
from bot.core.transcript import Entry

EXPIRED = "mail.expired"


class IllegalReplay(HealError):  # noqa: N818 - as IllegalTransition: what the code did
    """The workflow asks for something else than the record holds: a bug, never a wish."""


def mailbox(incident: str, topic: str) -> str:
    """Name the entry that is the one letter on this topic."""
    return f"{incident}:mail:{topic}"


def same(standing: Entry, kind: str) -> str:
    """What stands, if it is what is asked for; IllegalReplay otherwise."""
    if standing.kind != kind:
        raise IllegalReplay(
            f"step {standing.key} is recorded as {standing.kind}, but the workflow asks for {kind}"
        )
    return standing.body
