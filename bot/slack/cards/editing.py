"""The form in which a plan's parameters are changed: one typed field for each."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.clauses import Parameter
from bot.core.incident import Incident
from bot.slack.cards import fields, looks, parts
from bot.slack.cards.asking import EDIT
from bot.slack.cards.message import Block

MOST = 90
"""Fields of one form; Slack takes 100 blocks."""
PREFIX = "param_"
"""What a field's block id begins with, before the parameter's name."""


def form(incident: Incident, round_: int, known: Mapping[str, Parameter]) -> Block:
    """Ask for other values; what was planned stands in each field."""
    planned = incident.plan.params if incident.plan else {}
    asked = [fields.parameter(f"{PREFIX}{name}", name, one, planned.get(name))
             for name, one in [*known.items()][:MOST]]  # fmt: skip
    left = len(known) - MOST
    more = f" {left} more have no room here and stay as they are." if left > 0 else ""
    return {
        "type": "modal", "callback_id": EDIT, "private_metadata": f"{incident.id}.{round_}",
        "title": parts.plain("Edit this plan", 24), "submit": parts.plain("Make a new plan", 24),
        "close": parts.plain("Back", 24),
        "blocks": [
            parts.quoted(looks.title(incident)),
            *asked,
            parts.context("The plan is made anew with these values and asked for again, under a "
                          "hash of its own. Who edits it counts as who asks for it." + more),
        ],
    }  # fmt: skip


def given(sent: Mapping[str, str]) -> dict[str, str]:
    """The values of a sent form, by the names of their parameters."""
    return {name.removeprefix(PREFIX): text.strip() for name, text in sent.items()
            if name.startswith(PREFIX)}  # fmt: skip
