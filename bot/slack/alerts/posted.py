"""A message that an app or bot wrote, or edited, out of Slack's event about it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import AwareDatetime, JsonValue

from bot.core.values import Frozen
from bot.slack.wire import text_at

_TS = re.compile(r"[0-9]{9,11}\.[0-9]{1,9}")
_PLAIN = frozenset({"", "bot_message"})
"""An incoming webhook's message has the second, that of an app with a token has no subtype."""


class Posted(Frozen):
    """
    Who wrote what, where; `at` is when it was sent, or edited.

    `thread` is the root's ts, which is the message's own unless it is a reply.
    """

    channel: str
    thread: str
    at: AwareDatetime
    user: str = ""
    bot_id: str
    app_id: str = ""
    edited: bool = False
    message: dict[str, JsonValue]


def moment(ts: str) -> datetime | None:
    """When a message was sent, by its name; None when it is no message's name."""
    return datetime.fromtimestamp(float(ts), UTC) if _TS.fullmatch(ts) else None


def read(body: Mapping[str, JsonValue]) -> Posted | None:
    """
    Read it; None for what a person wrote, and for everything else that happens to messages.

    What is said in an edit's `previous_message` is over, and is not read.
    """
    event = body.get("event")
    edited = text_at(event, "subtype") == "message_changed"
    message = event.get("message") if edited and isinstance(event, dict) else event
    if not isinstance(message, dict) or text_at(message, "subtype") not in _PLAIN:
        return None
    channel, bot = text_at(event, "channel"), text_at(message, "bot_id")
    ts, said = text_at(message, "ts"), text_at(event, "event_ts") or text_at(event, "ts")
    at = moment(said)
    if not (channel and bot and _TS.fullmatch(ts)) or at is None:
        return None
    return Posted(
        channel=channel,
        thread=text_at(message, "thread_ts") or ts,
        at=at,
        user=text_at(message, "user"),
        bot_id=bot,
        app_id=text_at(message, "app_id"),
        edited=edited,
        message=message,
    )
