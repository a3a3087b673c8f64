"""A loopback server and a client, new for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.clients import http
from tests.clients import rigs
from tests.clients.servers import Recorder, recorder


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with recorder() as records:
        yield records


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with http.open_client(rigs.TLS) as opened:
        yield opened
