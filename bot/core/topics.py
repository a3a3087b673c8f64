"""Topics: the mailboxes of an incident whose first letter decides what it waits for."""

from __future__ import annotations

from bot.core import incident
from bot.core.incident import Incident
from bot.core.lifecycle import State


def of(one: Incident) -> str:
    """The topic on which it can be decided now: asked for, or waiting; else empty."""
    if one.quiet:
        return quiet(one.quiet.number)
    if one.waits:
        return waiting(one.waits.round)
    if one.state is State.QUEUED and one.queued:
        return turn(one.queued.round)
    request = incident.request_of(one)
    return decision(request.round) if request else ""


def decision(round_: int) -> str:
    """What ends one round of asking."""
    return f"decision:{round_}"


def turn(round_: int) -> str:
    """What ends the wait for a turn."""
    return f"turn:{round_}"


def quiet(number: int) -> str:
    """What ends one of its quiet times before it is over."""
    return f"quiet:{number}"


def waiting(round_: int) -> str:
    """What ends the wait for something that its service needs."""
    return f"waits:{round_}"
