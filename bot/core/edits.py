"""Edits: what people gave in place of the parameters that a plan was first made with."""

from __future__ import annotations

from bot.core.incident import Incident


def given(incident: Incident) -> dict[str, str]:
    """All that people gave, with the wish or by editing a plan since."""
    wished = incident.opened.wish.given if incident.opened.wish else {}
    return {**wished, **(incident.edits[-1].given if incident.edits else {})}


def editors(incident: Incident) -> tuple[str, ...]:
    """Who edited it, each once."""
    return tuple(dict.fromkeys(one.by for one in incident.edits))
