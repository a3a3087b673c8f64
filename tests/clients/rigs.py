"""Rigs for tests: the real client, the real commands and the real time, closed at the end."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.clients import commands, http
from bot.clients.rig import Rig
from bot.clock import Clock

TLS = ssl.create_default_context()
ENVIRONMENT = {"PATH": commands.PATH, "LANG": "C.UTF-8", "HOME": "/nonexistent", "SECRET": "x"}


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    clock = Clock()
    async with http.open_client(TLS) as client:
        yield Rig(client, clock, commands.Commands(ENVIRONMENT))
