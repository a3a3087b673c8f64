"""The Home tab: what is going on, at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.incident import Incident
from bot.slack.cards import lists, parts
from bot.slack.cards.lists import Ordered
from bot.slack.cards.message import Block

MOST = 20


def home(open_: Sequence[Incident], recent: Sequence[Incident], ordered: Ordered) -> Block:
    """The view to publish: what was ordered for the house, then open incidents, then the last."""
    title = f"{len(open_)} open" if open_ else "All calm"
    ended = [incident for incident in recent if incident.over][:MOST]
    shown = lists.in_line(open_)
    calm = "Nothing needs you. An alert or a command starts the next one."
    return {"type": "home", "blocks": [
        *lists.holding(ordered),
        parts.header(title),
        *parts.sections("", [lists.about(one) for one in shown[:MOST]] or [calm], 8000),
        parts.divider(),
        *parts.sections("Lately", [lists.about(one) for one in ended] or ["Nothing yet."], 8000),
        parts.context("Write `help` after the bot's name or its command to see what it can do"),
    ]}  # fmt: skip
