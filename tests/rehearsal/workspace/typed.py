"""The types of the fixtures in conftest.py, for the tests' signatures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.rehearsal.workspace import Workspace

Opened = Callable[..., Awaitable[Workspace]]
ClientFor = Callable[[Workspace], AsyncWebClient]
Refusal = Callable[[Awaitable[Any]], Awaitable[Any]]
Client = AsyncWebClient
Http = aiohttp.ClientSession
Bot = AsyncApp


class InSocketMode(Protocol):
    """`async with in_socket_mode(workspace, bot):` has the bot connected."""

    def __call__(
        self, workspace: Workspace, bot: AsyncApp, **values: Any
    ) -> AbstractAsyncContextManager[None]: ...
