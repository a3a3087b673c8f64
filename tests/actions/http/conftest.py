"""A server whose pool has the size 20, and the action that may ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.actions.http.request import PLUGIN, HttpRequest
from bot.clients.endpoints import HttpSettings
from tests.actions.http.asking import SECRET
from tests.clients import rigs
from tests.clients.servers import Recorder, recorder


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    async with recorder() as records:
        records.kept["/pool"] = {"size": 20, "busy": 3}
        yield records


@pytest.fixture
async def action(server: Recorder) -> AsyncIterator[HttpRequest]:
    settings = HttpSettings.model_validate({"allowed_hosts": server.host, "secret_flags": SECRET})
    async with rigs.rig() as rig:
        yield PLUGIN(settings, rig)
