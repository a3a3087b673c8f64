"""The review of a run that nobody was asked about: it is wanted, or somebody said how it looks."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core import review
from bot.core.incident import Incident
from bot.slack.cards import parts, words
from bot.slack.cards.message import Block

RIGHT, WRONG = "looks_right", "not_right"


def line(incident: Incident) -> Iterator[str]:
    """A pre-approved run of automation tier 3: nobody said yes before, so somebody looks after."""
    if review.wanted(incident):
        yield "👀 It ran pre-approved, without asking. *Please review the outcome.*"
    elif incident.reviewed:
        sign, by = "👍" if incident.reviewed.right else "👎", words.who(incident.reviewed.by)
        yield f"{sign} {by} reviewed the outcome: {incident.reviewed.says}"


def buttons(incident: Incident) -> Iterator[Block]:
    if review.wanted(incident):
        right = parts.button(RIGHT, "👍 Looks right", incident.id)
        wrong = parts.button(WRONG, "👎 Not right", incident.id)
        yield parts.actions(f"review_{incident.id}", right, wrong)
