"""What a link to an incident shows where somebody pastes it: how it stands, no buttons."""

from __future__ import annotations

from bot.core.incident import Incident
from bot.slack.cards import looks, outcome, parts, waiting, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block

MOST = 3
"""Lines of what happened: the last ones."""


def blocks(incident: Incident) -> list[Block]:
    """Where it stands at this moment; its own card goes on, this does not."""
    sign, word = looks.look(incident)
    where = " · ".join(escape(one, 80) for one in (incident.service, incident.environment) if one)
    happened = [*outcome.lines(incident), *waiting.lines(incident)][-MOST:]
    title = f"{sign} *{escape(word, 80)}*: {escape(looks.title(incident), 200)}"
    return [
        *parts.sections("", [title, *happened], 2400),
        parts.context(
            code(incident.run if incident.ran else incident.id, 40),
            where,
            f"since {words.moment(incident.opened_at)}",
        ),
    ]
