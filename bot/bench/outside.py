"""Outside: what a run acts on, in a process of its own, as a cluster or a host would be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import aiohttp

from bot.bench import child, children
from bot.bench.children import Child
from bot.bench.measure import Trial
from bot.clock import Clock

LINES = 100
"""Connections that are kept open to it."""
HIT, MOMENTS = b"POST /hit/", b"GET /moments"


class Acting:
    """The one call over HTTP that each run makes, by its first step: the same for everybody."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self._url = f"http://127.0.0.1:{port}/hit"
        self._session = session

    @classmethod
    @asynccontextmanager
    async def on(cls, port: int) -> AsyncIterator[Self]:
        connector = aiohttp.TCPConnector(limit=LINES)
        async with aiohttp.ClientSession(connector=connector) as session:
            yield cls(port, session)

    async def hit(self, mark: str) -> None:
        async with self._session.post(f"{self._url}/{mark}") as answer:
            await answer.read()


async def main(_: Mapping[str, Any]) -> None:
    """Serve until let go: `POST /hit/<mark>`, and `GET /moments` tells when each was hit first."""
    moments, clock = dict[str, float](), Clock()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # who asked has gone
            while asked := await reader.readuntil(b"\r\n\r\n"):
                said = b""
                if asked.startswith(HIT):
                    mark = asked.removeprefix(HIT).partition(b" ")[0].decode()
                    moments.setdefault(mark, clock.monotonic())
                elif asked.startswith(MOMENTS):
                    said = json.dumps(moments).encode()
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said)
                writer.write(head + said)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    child.say(port=server.sockets[0].getsockname()[1])
    await child.until_let_go()
    server.close()


@asynccontextmanager
async def opened(trial: Trial) -> AsyncIterator[Child]:
    """Run it beside who loads the contestants, so that it takes nothing from them."""
    async with children.started(__name__, {}, trial.directory, trial.cores.client) as outside:
        yield outside
