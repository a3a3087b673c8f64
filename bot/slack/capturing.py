"""Capturing: one message out of Slack, read with the bot's token, for `heal capture`."""

from __future__ import annotations

import re
from typing import NamedTuple

import aiohttp
from pydantic import JsonValue
from slack_sdk.web.async_client import AsyncWebClient

from bot.core import spelling
from bot.core.errors import ConfigurationError
from bot.settings import Settings
from bot.slack import channels, failures

PATIENCE = 10.0
"""Seconds for one answer of Slack."""
_LINK = re.compile(
    r"https?://[^\s/]+/archives/([CGD][A-Z0-9]{2,})/p([0-9]{9,11})([0-9]{6})"
    r"(?:\?(?:\S*&)?thread_ts=([0-9]{9,11}\.[0-9]{1,9}))?.*"
)


class Place(NamedTuple):
    """Which message; `thread` is its root's ts when it is a reply, or empty."""

    channel: str
    ts: str
    thread: str = ""


def place(link: str) -> Place:
    """
    Read a message's permalink; ConfigurationError when it is none.

    >>> place("https://acme.slack.com/archives/C024BE7LH/p1700000000000100").ts
    '1700000000.000100'
    """
    found = _LINK.fullmatch(link.strip())
    if found is None:
        raise ConfigurationError(
            f"{spelling.quoted(link)} is no message's address: use *Copy link* on the message"
        )
    return Place(found[1], f"{found[2]}.{found[3]}", found[4] or "")


async def fetch(settings: Settings, wanted: Place) -> dict[str, JsonValue]:
    """Ask Slack for it; ConfigurationError when it is not there, TemporaryError when unasked."""
    token = settings.slack_bot_token.get_secret_value().strip()
    if not token:
        raise ConfigurationError("SLACK_BOT_TOKEN is missing: set it, or give the message's JSON")
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = AsyncWebClient(token, settings.slack_api_url, session=session, retry_handlers=[])
        channel = await channels.id_of(client, wanted.channel, "the channel")
        try:
            found = await _message(client, wanted._replace(channel=channel))
        except failures.ERRORS as error:
            failure = failures.read(error)
            if failure.kind in {failures.Kind.REFUSED, failures.Kind.GONE}:
                raise ConfigurationError(f"Slack does not show it: {failure.says}") from None
            raise failures.temporary(error) from error
    if found is None:
        raise ConfigurationError(f"there is no message {wanted.ts} in {channel}")
    return {**found, "channel": channel}


async def _message(client: AsyncWebClient, wanted: Place) -> dict[str, JsonValue] | None:
    """Look in the channel, then in the thread that is named: only that holds replies."""
    ts = wanted.ts
    if wanted.thread and wanted.thread != ts:
        answer = await client.conversations_replies(
            channel=wanted.channel, ts=wanted.thread, oldest=ts, latest=ts, inclusive=True
        )
    else:
        answer = await client.conversations_history(
            channel=wanted.channel, oldest=ts, latest=ts, inclusive=True, limit=1
        )
    return next((dict(one) for one in answer["messages"] if one.get("ts") == ts), None)
