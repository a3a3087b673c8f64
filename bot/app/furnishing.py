"""The Slack room as its house furnishes it, once Slack can be asked who we are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.app import sections
from bot.slack.alerts.watch import Watch
from bot.slack.cards.style import CardsSettings
from bot.slack.room import SlackRoom

if TYPE_CHECKING:
    from bot.app.house import House


def furnish(house: House) -> Callable[[SlackRoom], None]:
    """Who hands a room what it needs; ConfigurationError when a setting of cards is wrong."""
    style = sections.read("cards", CardsSettings, house.sections)

    def join(room: SlackRoom) -> None:
        watch = Watch(house.witnesses, house.cases, house.receiving.take, house.clock)
        room.join(
            house.engine, house.cases, house.ledger, house.inbox, house.outbox, watch, house.pace,
            style,
        )  # fmt: skip

    return join
