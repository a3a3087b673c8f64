"""The form in which a person says what shall be done about a message that Heal cannot read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.catalogue import Service
from bot.core.runbook import Runbook
from bot.slack.cards import parts
from bot.slack.cards.message import Block

FORM = "heal_message_form"
PLACE, RUNBOOK, GIVEN, WHY = "place", "runbook", "given", "why"
VALUE = "value"
MOST = 100
"""Options that one list may have; beyond, what is meant is typed."""


def form(said: str, services: Sequence[Service], runbooks: Sequence[Runbook], about: str) -> Block:
    """Ask for the service and the runbook; the message is only shown."""
    places = {f"{one.name} in {one.environment}": "" for one in services}
    books = {one.runbook: one.title for one in runbooks}
    typed: Block = {"type": "plain_text_input", "action_id": VALUE, "max_length": 2000}
    return {
        "type": "modal", "callback_id": FORM, "private_metadata": about,
        "title": parts.plain("Heal this alert", 24), "submit": parts.plain("Make a plan", 24),
        "close": parts.plain("Back", 24),
        "blocks": [
            parts.context("Heal reads no alert with a service and an environment here. "
                          "What shall it do?"),
            *([parts.quoted(said)] if said else []),
            _input(PLACE, "Service", _choice(places), "as the policy lists it: shop in production"),
            _input(RUNBOOK, "Runbook", _choice(books), "what shall be planned"),
            _input(GIVEN, "Parameters", {**typed, "placeholder": parts.plain("name=value …", 150)},
                   "only what the runbook asks for", optional=True),
            _input(WHY, "Why", typed, "kept with the record", optional=True),
            parts.context("The plan is shown and judged like any other, and you count as who "
                          "asked for it."),
        ],
    }  # fmt: skip


def _input(name: str, label: str, element: Block, hint: str, *, optional: bool = False) -> Block:
    return {"type": "input", "block_id": name, "label": parts.plain(label, 150),
            "hint": parts.plain(hint, 300), "element": element, "optional": optional}  # fmt: skip


def _choice(named: Mapping[str, str]) -> Block:
    """Offer them as a list; too many for one are typed."""
    if not 0 < len(named) <= MOST:
        return {"type": "plain_text_input", "action_id": VALUE, "max_length": 200}
    options: list[Block] = [
        {"text": parts.plain(f"{name}: {title}" if title else name, 75), "value": name}
        for name, title in named.items()
    ]
    return {"type": "static_select", "action_id": VALUE, "options": [*options]}
