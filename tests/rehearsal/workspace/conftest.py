"""A workspace, and bots that take it for slack.com: the real slack_sdk and slack_bolt."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.rehearsal.workspace import Workspace
from tests.rehearsal.workspace.typed import Client, ClientFor, Http, InSocketMode, Opened, Refusal


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    """Opens workspaces that close with the test; the arguments are those of `Workspace.open`."""
    async with AsyncExitStack() as stack:

        async def open_one(**values: Any) -> Workspace:
            return await stack.enter_async_context(Workspace.open(**values))

        yield open_one


@pytest.fixture
async def workspace(opened: Opened) -> Workspace:
    """One workspace with room for many posts: pacing has tests of its own."""
    return await opened(burst=1000, updates_per_minute=1000)


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client_for(http: Http) -> ClientFor:
    """Makes the bot's Web API client for a workspace."""

    def client_of(workspace: Workspace) -> Client:
        return AsyncWebClient(token="xoxb-local", base_url=workspace.api_url, session=http)

    return client_of


@pytest.fixture
def client(workspace: Workspace, client_for: ClientFor) -> Client:
    return client_for(workspace)


@pytest.fixture
def bot(client: Client) -> AsyncApp:
    """A bot without listeners yet."""
    return AsyncApp(client=client, signing_secret="local-signing-secret")


@pytest.fixture
def in_socket_mode() -> InSocketMode:
    return socket_mode


@pytest.fixture
def refusal() -> Refusal:
    """Awaits a call that Slack must refuse; its answer."""

    async def refused(call: Awaitable[Any]) -> Any:
        with pytest.raises(SlackApiError) as caught:
            await call
        return caught.value.response

    return refused


@asynccontextmanager
async def socket_mode(workspace: Workspace, bot: AsyncApp, **values: Any) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(bot, "xapp-local", **values)
    try:
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await workspace.until(lambda: workspace.connections)
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
