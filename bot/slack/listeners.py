"""Everything that Slack delivers passes here: kept on disk, then acknowledged, then worked on.

It is one middleware of Bolt, after Bolt proved who sent it and dropped what we said ourselves.
It acknowledges in the end by itself, so no listener can be missing and nothing can fail between
the acknowledgement and the record. What cannot be kept is not acknowledged: Slack sends events
again, and shows a person who clicked that it did not work.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from pydantic import JsonValue
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.core.errors import StoreUnavailable
from bot.ports import Clock, Inbox
from bot.slack import reading, strangers
from bot.slack.alerts.posted import Posted
from bot.slack.asked import Asked, Submission, Suggestion
from bot.slack.cards.message import Block
from bot.slack.forms import Held, Reply
from bot.slack.strangers import Identity

ROOM = "slack"
"""The name of this room in the inbox."""
ALERTS = "channels"
"""Beside it, for what monitoring posts: it has to wait for no person, and no person for it."""
log = logging.getLogger(__name__)


class Watched(NamedTuple):
    """Whose messages are alerts, and who is handed those that are fresh."""

    heard: Callable[[Posted], bool]
    offer: Callable[[int, Posted], None]


def _nobody(_: Posted) -> bool:
    return False


class Listening(AsyncMiddleware):
    """
    Keeps what came in; `offer` is handed what is fresh, `refused` is told of strangers.

    What apps and bots write is dropped unless `watched` listens to them.
    """

    def __init__(
        self,
        inbox: Inbox,
        offer: Callable[[int, Asked], None],
        me: Identity,
        clock: Clock,
        refused: Callable[[str], None],
        watched: Watched | None = None,
        held: Held | None = None,
    ) -> None:
        self._inbox = inbox
        self._offer = offer
        self._me = me
        self._clock = clock
        self._refused = refused
        self._held = held
        self._watched = watched or Watched(_nobody, lambda *_: None)

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's own name
    ) -> BoltResponse:
        """Answer one payload."""
        body: dict[str, JsonValue] = req.body
        if (typing := reading.suggestion(body)) is not None:
            return await req.context.ack(options=self._options(body, typing))
        asked = self._understood(body)
        if asked is None:
            return await req.context.ack()
        if isinstance(asked, Submission) and self._held and (reply := self._held.reply(asked)):
            return await _back(req, reply)
        room = ALERTS if isinstance(asked, Posted) else ROOM
        try:
            kept = await self._inbox.put(
                reading.keys(body), room, json.dumps(body).encode(), _about(req), self._clock.now()
            )
        except StoreUnavailable:
            log.exception("a payload of Slack could not be kept; it is not acknowledged")
            return BoltResponse(status=503)
        if kept.fresh:
            self._hand_over(kept.id, asked)
        return await req.context.ack()

    def _options(self, body: dict[str, JsonValue], typing: Suggestion) -> list[Block]:
        """What a list offers; to strangers nothing, and nobody waits for the disk."""
        if why := strangers.objection(body, self._me):
            self._refused(f"a payload of Slack was dropped: {why}")
            return []
        return self._held.options(typing) if self._held else []

    def _hand_over(self, item: int, asked: Asked | Posted) -> None:
        if isinstance(asked, Posted):
            self._watched.offer(item, asked)
        else:
            self._offer(item, asked)

    def _understood(self, body: dict[str, JsonValue]) -> Asked | Posted | None:
        """What it asks of us, None when nothing; strangers and nonsense are told of."""
        try:
            asked = reading.read(body)
        except reading.Unreadable as error:
            self._refused(f"a payload of Slack cannot be read: {error}")
            return None
        if isinstance(asked, Posted) and not self._watched.heard(asked):
            return None
        if asked is not None and (why := strangers.objection(body, self._me)):
            self._refused(f"a payload of Slack was dropped: {why}")
            return None
        return asked


async def _back(req: AsyncBoltRequest, reply: Reply) -> BoltResponse:
    """Leave a form open, with what is wrong under its fields, or drawn anew."""
    if reply.view is not None:
        return await req.context.ack(response_action="update", view=reply.view)
    return await req.context.ack(response_action="errors", errors=reply.errors)


def _about(req: AsyncBoltRequest) -> dict[str, str]:
    """What the record keeps of the delivery: which way it came, and which try it was."""
    tries = req.headers.get("x-slack-retry-num", [""])[0]
    return {"mode": req.mode, **({"retry": tries} if tries else {})}
