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

from pydantic import JsonValue
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.core.errors import StoreUnavailable
from bot.ports import Clock, Inbox
from bot.slack import forms, reading, strangers
from bot.slack.strangers import Identity

ROOM = "slack"
"""The name of this room in the inbox."""
log = logging.getLogger(__name__)


class Listening(AsyncMiddleware):
    """Keeps what came in; `offer` is handed what is fresh, `refused` is told of strangers."""

    def __init__(
        self,
        inbox: Inbox,
        offer: Callable[[int, reading.Asked], None],
        me: Identity,
        clock: Clock,
        refused: Callable[[str], None],
    ) -> None:
        self._inbox = inbox
        self._offer = offer
        self._me = me
        self._clock = clock
        self._refused = refused

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's own name
    ) -> BoltResponse:
        """Answer one payload."""
        body: dict[str, JsonValue] = req.body
        asked = self._understood(body)
        if asked is None:
            return await req.context.ack()
        if isinstance(asked, reading.Submission) and (wrong := forms.faults(asked)):
            return await req.context.ack(response_action="errors", errors=wrong)
        try:
            kept = await self._inbox.put(
                reading.keys(body), ROOM, json.dumps(body).encode(), _about(req), self._clock.now()
            )
        except StoreUnavailable:
            log.exception("a payload of Slack could not be kept; it is not acknowledged")
            return BoltResponse(status=503)
        if kept.fresh:
            self._offer(kept.id, asked)
        return await req.context.ack()

    def _understood(self, body: dict[str, JsonValue]) -> reading.Asked | None:
        """What it asks of us, None when nothing; strangers and nonsense are told of."""
        try:
            asked = reading.read(body)
        except reading.Unreadable as error:
            self._refused(f"a payload of Slack cannot be read: {error}")
            return None
        if asked is not None and (why := strangers.objection(body, self._me)):
            self._refused(f"a payload of Slack was dropped: {why}")
            return None
        return asked


def _about(req: AsyncBoltRequest) -> dict[str, str]:
    """What the record keeps of the delivery: which way it came, and which try it was."""
    tries = req.headers.get("x-slack-retry-num", [""])[0]
    return {"mode": req.mode, **({"retry": tries} if tries else {})}
