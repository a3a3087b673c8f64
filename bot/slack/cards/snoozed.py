"""What somebody is told whose snooze is over: one line that leads to the card."""

from __future__ import annotations

from bot.core import incident as incidents
from bot.core.incident import Incident
from bot.slack.cards import lists, looks, message, parts, words
from bot.slack.cards.message import Message


def line(incident: Incident, link: str) -> Message:
    """Say that it is still open, and until when it can be decided."""
    request = incidents.request_of(incident)
    until = f" It can be decided until {words.moment(request.expires_at)}." if request else ""
    way = f" <{link}|Its card>" if link else ""
    said = f"⏰ You wanted to be reminded, and it is open still.{until}{way}"
    return message.of(
        f"⏰ Open still: {looks.title(incident)}",
        (parts.section(said), parts.section(lists.about(incident))),
    )
