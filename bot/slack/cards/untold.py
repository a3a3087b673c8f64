"""What other systems were not told of an incident: whoever reads only them does not know it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.incident import Incident
from bot.slack.cards.escaping import escape


def lines(incident: Incident) -> Iterator[str]:
    """One a system, with the last reason; nothing while each try may still succeed."""
    for name, ticket in incident.tickets.items():
        if not ticket.missed:
            continue
        record, last = escape(f"{name} {ticket.reference}".rstrip(), 100), ticket.missed[-1]
        count = len(ticket.missed)
        many = "an update" if count == 1 else f"{count} updates"
        yield (f"🔇 *{record} was not told {many}*, the last of them “{escape(last.title, 120)}”: "
               f"{escape(last.why_not, 200)}. `tickets retry` tells them once more")  # fmt: skip
