"""
Standing: which message of ours stands where, also before the outbox could note it.

A message is on everybody's screen from the moment that Slack has it. When this process dies just
then, or Slack's answer is lost, the outbox knows of it only once it was searched for; and who
presses its button meanwhile is right. So Slack itself is asked whose message that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from pydantic import JsonValue
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import failures, marking
from bot.slack.needs import Place, Post

FEW = 10
"""Messages that are read at most: of a thread Slack gives the root besides."""


class Standing:
    """`client` may try again; `me` is the bot's user id."""

    def __init__(self, outbox: Post, client: AsyncWebClient, me: str) -> None:
        self._outbox = outbox
        self._client = client
        self._me = me

    async def where(self, slot: str) -> Place | None:
        """Where a slot stands; None while nobody noted it."""
        return await self._outbox.where(slot)

    async def find_by_ts(self, channel: str, ts: str, thread: str = "") -> str | None:
        """
        The slot of a message, when somebody clicked or answered there; None for any other message.

        `thread` is the ts of its thread's root when it stands in one. Raises TemporaryError when
        it may be one of ours and Slack does not say.
        """
        known = await self._outbox.find_by_ts(channel, ts)
        if known or not (doubted := await self._outbox.unposted()):
            return known
        mark = marking.read(await self._message(channel, ts, thread), self._me)
        if mark is not None and mark.slot in doubted:
            return mark.slot
        return await self._outbox.find_by_ts(channel, ts)  # noted while we asked

    async def _message(self, channel: str, ts: str, thread: str) -> Mapping[str, JsonValue]:
        """What stands there; empty when nothing does, or nothing that we may see."""
        replies = partial(self._client.conversations_replies, ts=thread)
        ask = replies if thread and thread != ts else self._client.conversations_history
        try:
            told = await ask(
                channel=channel, latest=ts, oldest=ts, inclusive=True, limit=FEW,
                include_all_metadata=True,
            )  # fmt: skip
        except failures.ERRORS as error:
            if failures.read(error).kind in {failures.Kind.GONE, failures.Kind.REFUSED}:
                return {}
            raise failures.temporary(error) from error
        return next((one for one in told["messages"] if one.get("ts") == ts), {})
