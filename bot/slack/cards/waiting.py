"""That an incident waits for another one: of what its service needs."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.incident import Incident
from bot.slack.cards import words
from bot.slack.cards.escaping import code, escape

MOST = 5
"""Services on a card that are waited for; the others are counted."""


def lines(incident: Incident) -> Iterator[str]:
    """For whom, until when, and what a person may do meanwhile."""
    waits = incident.waits
    if waits is None or incident.over:
        return
    named = [f"*{escape(one.service, 80)}* ({code(one.incident, 40)})" for one in waits.needed]
    more = f" and {len(named) - MOST} more" if len(named) > MOST else ""
    yield (
        f"⏳ Waits for {', '.join(named[:MOST])}{more}, which it needs. It goes on when that is "
        f"over; if not by {words.moment(waits.until)}, a person is called. Who does not want to "
        f"wait asks with {code('/heal run …', 40)}"
    )
