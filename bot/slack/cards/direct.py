"""What somebody who stands in is told in private: one line that leads to the card."""

from __future__ import annotations

from bot.core import incident as incidents
from bot.core.facts import Reminded
from bot.core.incident import Incident
from bot.slack.cards import looks, message, parts, words
from bot.slack.cards.escaping import escape
from bot.slack.cards.message import Message


def line(incident: Incident, called: Reminded, link: str) -> Message:
    """Say what waits and until when, and what was decided once it is; no buttons: the card has."""
    request = incidents.request_of(incident)
    title = escape(looks.title(incident), 200)
    where = ", ".join(filter(None, (incident.service, incident.environment)))
    about = f"*{title}*" + (f" ({escape(where, 120)})" if where else "")
    if request is not None and request.round == called.round:
        way = f"<{link}|Decide at its card>" if link else f"its card is that of {incident.id}"
        said = (f"🔔 It is not decided yet, and you may decide too: {about} waits "
                f"until {words.moment(request.expires_at)}. {way}")  # fmt: skip
        text = f"🔔 Your decision is needed: {looks.title(incident)}"
    else:
        way = f"<{link}|Its card>" if link else incident.id
        said = f"☑️ {_ended(incident, called)}; nothing is left to do for you here: {about}. {way}"
        text = f"☑️ Settled: {looks.title(incident)}"
    return message.of(text, (parts.section(said),))


def _ended(incident: Incident, called: Reminded) -> str:
    """What became of the question; a later round has another one."""
    asked, decided = incident.asked, incident.decided
    if asked is None or asked.request.round != called.round:
        return "The plan changed since and is another question"
    if decided is None:
        return "Not decided: its time is over" if incident.expired else "Not asked any more"
    by = words.everyone(decided.by)
    return f"Decided: {decided.ending}" + (f" by {by}" if by else "")
