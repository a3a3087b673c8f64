"""Episode: an incident by its times alone, which can be known without folding it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from bot.core.facts import Quieted
from bot.core.incident import Incident
from bot.core.lifecycle import State


class Episode(NamedTuple):
    """
    From when it could be seen until nothing was left to do: over, or only waiting for its alert
    to clear.

    `channel` is empty where none was said; `alerted` is False for what a person asked for.
    """

    id: str
    channel: str
    alerted: bool
    opened_at: datetime
    rested_at: datetime | None
    over: bool


def of(incident: Incident) -> Episode:
    """As an incident stands now."""
    rested_at = incident.healed_at or incident.closed_at or incident.opened_at
    return Episode(
        id=incident.id,
        channel=incident.opened.channel,
        alerted=incident.opened.alert is not None,
        opened_at=_seen_at(incident),
        rested_at=rested_at if rests(incident) else None,
        over=incident.over,
    )


def rests(incident: Incident) -> bool:
    """Whether nothing is left to do for it, or only its alert is waited for."""
    return incident.over or incident.state is State.HEALED


def _seen_at(incident: Incident) -> datetime:
    if incident.opened.quiet is None:
        return incident.opened_at  # who was never quiet was seen at once
    woken = (one.at for one in reversed(incident.story) if isinstance(one.fact, Quieted))
    return next(woken, incident.opened_at)
