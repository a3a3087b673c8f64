"""Socket Mode's line: kept open, opened again with a fresh URL, and closed without a loose end."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Self, cast

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bot.slack import failures
from bot.tasks import Tasks

FIRST_WAIT = 10.0
"""Seconds that the start waits for the line; after that it goes on and the line is awaited."""
GOODBYE = 2.0
"""Seconds for a goodbye: a broken network answers none."""
log = logging.getLogger(__name__)


class Socket:
    """One WebSocket to Slack; made by `Socket.make`."""

    def __init__(self, handler: AsyncSocketModeHandler) -> None:
        self._handler = handler
        self._client = cast("Any", handler.client)  # its methods are not annotated
        self._listen = self._client.run_message_listeners
        self._client.run_message_listeners = self._listened
        self._client.issue_new_wss_url = self._fresh_url
        self._answering = Tasks()
        self._keeping = Tasks()

    @classmethod
    async def make(
        cls, app: AsyncApp, token: str, session: aiohttp.ClientSession, url: str, ping: float
    ) -> Self:
        """Prepare one; `url` is a fresh one of apps.connections.open, `ping` is in seconds."""
        handler = AsyncSocketModeHandler(app, token, ping_interval=ping)
        await handler.client.aiohttp_client_session.close()
        lines: Any = _FreshLines(handler.client, session)
        handler.client.aiohttp_client_session = lines
        handler.client.wss_uri = url
        return cls(handler)

    async def start(self) -> None:
        """Connect; when Slack does not answer soon, go on and keep trying."""
        connecting = self._keeping.start(self._client.connect(), name="connect to Slack")
        _, waiting = await asyncio.wait({connecting}, timeout=FIRST_WAIT)
        if waiting:
            log.warning("Socket Mode is not connected yet; it is tried until it is")
        self._keeping.start(self._watch(), name="watch the line to Slack")

    async def connected(self) -> bool:
        return bool(await self._client.is_connected())

    async def close(self, grace: float) -> None:
        """Read no more, answer what was read, hang up."""
        client = self._client
        readers = [client.current_session_monitor, client.message_receiver]
        loose = [task for task in readers if task is not None]
        for task in loose:
            task.cancel()
        await self._keeping.close(0)
        while not client.message_queue.empty() and grace > 0:
            await asyncio.sleep(0.01)
            grace -= 0.01
        await asyncio.sleep(0)
        await self._answering.close(grace)
        client.closed = True
        try:
            async with asyncio.timeout(GOODBYE):
                await client.close()
        except TimeoutError:
            client.message_processor.cancel()
        await asyncio.gather(*loose, client.message_processor, return_exceptions=True)

    async def _listened(self, message: dict[str, Any], raw: str) -> None:
        """The SDK keeps no reference to the tasks that answer envelopes: one of ours does it."""
        listening = self._listen(message, raw)
        name = f"answer envelope {message.get('envelope_id', raw[:60])}"
        await asyncio.wait({self._answering.start(listening, name=name)})

    async def _fresh_url(self) -> str:
        """The SDK takes each answer for JSON; a Slack that is away answers with a page of HTML."""
        client = self._client
        while True:
            try:
                opened = await client.web_client.apps_connections_open(app_token=client.app_token)
            except failures.ERRORS as error:
                failure = failures.read(error)
                if failure.kind is not failures.Kind.LIMITED:
                    raise
                await asyncio.sleep(failure.retry_after)
            else:
                return str(opened["url"])

    async def _watch(self) -> None:
        """The SDK watches its line with a task that may die; this is the watch over the watch."""
        misses = 0
        while True:
            await asyncio.sleep(self._client.ping_interval)
            misses = 0 if await self._client.is_connected() else misses + 1
            if misses < 2:
                continue
            try:
                await self._client.connect_to_new_endpoint()
            except failures.ERRORS as error:
                log.warning("Slack cannot be reached: %s", failures.read(error).says)


class _FreshLines:
    """The session that the SDK opens its line with: a refused line's URL is never tried again."""

    def __init__(self, client: SocketModeClient, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._session = session

    @property
    def closed(self) -> bool:
        return self._session.closed

    async def ws_connect(self, url: str, **options: Any) -> aiohttp.ClientWebSocketResponse:
        try:
            line: aiohttp.ClientWebSocketResponse = await self._session.ws_connect(url, **options)
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._client.wss_uri = None
            raise
        return line

    async def close(self) -> None:
        """The session is shared: whoever opened it closes it."""
