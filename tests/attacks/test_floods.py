"""C07 to C09: what is too large, packed, broken or slow costs little, and keeps nobody away."""

from __future__ import annotations

import asyncio
import gzip
import logging
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from bot.core.posted import Receipt
from bot.web.bodies import LARGEST
from bot.web.server import AlertDoor, Server

DOORS = ("/alerts/any", "/slack/events")
BOMB = gzip.compress(bytes(50_000_000), 9, mtime=0)  # each process names its tests alike
PACKED = (("gzip", BOMB), ("deflate", zlib.compress(bytes(1000))), ("gzip", b"none at all"),
          ("br", b"x"), ("zstd", b"x"), ("gzip, gzip", gzip.compress(BOMB, mtime=0)),
          ("", b"x"))  # fmt: skip
NO_HTTP = (
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"POST /alerts/any HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
    b"POST /alerts/any HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdeXX\r\n",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    (
        b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"
        b"\r\n0\r\n\r\n"
    ),
    b"POST /alerts/any HTTP/1.1\r\nHost: x\r\nX: a\nb\r\n\r\n",
    b"POST /alerts/any HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
)


@dataclass
class Doors:
    """A server, and what came through it."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)

    async def receive(
        self, name: str, headers: Mapping[str, str], body: bytes, peer: str, *, vouched: bool
    ) -> Receipt:
        self.bodies.append(body)
        return Receipt(1)

    async def slack(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        return web.Response()

    async def ready(self) -> str:
        return ""

    async def open(self, idle: float = 20.0) -> Server:
        server = Server(AlertDoor(self.receive), self.slack, self.ready, idle=idle)
        await server.open("127.0.0.1", 0)
        self.port = server.port
        return server

    async def said(self, raw: bytes) -> bytes:
        """What is answered to these octets, to the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(raw)
            async with asyncio.timeout(180):
                return await reader.read()
        finally:
            writer.close()

    async def posted(self, path: str, body: bytes, coding: str | None = None, size: int = 0) -> int:
        """The status of one request, sent by hand so that nothing mends it on the way."""
        lines = f"Host: x\r\nConnection: close\r\nContent-Length: {size or len(body)}\r\n"
        lines += f"Content-Encoding: {coding}\r\n" if coding is not None else ""
        answer = await self.said(f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        return int(answer.split()[1])


@pytest.fixture
async def doors() -> AsyncIterator[Doors]:
    opened = Doors()
    server = await opened.open()
    yield opened
    await server.close()


@pytest.mark.parametrize("path", DOORS)
async def test_c07_what_is_too_large_is_refused_before_anybody_reads_it(
    doors: Doors, path: str
) -> None:
    assert await doors.posted(path, b"x" * LARGEST) in {200, 202}
    assert await doors.posted(path, b"x" * (LARGEST + 1)) == 413
    assert await doors.posted(path, b"", size=10**15) == 413
    assert [len(body) for body in doors.bodies] == [LARGEST]


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize(("coding", "body"), PACKED)
async def test_c08_what_is_packed_is_refused_and_never_unpacked(
    doors: Doors, path: str, coding: str, body: bytes
) -> None:
    assert await doors.posted(path, body, coding) == 415
    assert doors.bodies == []


async def test_twenty_bombs_at_once_take_no_memory(doors: Doors) -> None:
    before = _resident()
    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(doors.posted("/alerts/any", BOMB, "gzip"))

    assert _resident() - before < 20 << 20


@pytest.mark.parametrize("raw", NO_HTTP)
async def test_what_is_no_http_is_400_and_writes_no_stack_into_the_log(
    doors: Doors, raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await doors.said(raw)

    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert [record for record in caplog.records if record.exc_info] == []
    assert doors.bodies == []


async def test_c09_who_says_nothing_or_dawdles_over_headers_is_let_go() -> None:
    doors = Doors()
    server = await doors.open(idle=0.05)
    try:
        beginnings = (
            b"",
            b"POST /alerts/any HTTP/1.1\r\nHost: x\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        )
        ends = [await doors.said(beginning) for beginning in beginnings]
    finally:
        await server.close()

    assert [end[:12] for end in ends] == [b"", b"", b"HTTP/1.1 404"]


@pytest.mark.parametrize("path", DOORS)
async def test_a_good_message_is_taken_while_hundreds_hold_their_bodies_back(
    doors: Doors, path: str
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"
    async with AsyncExitStack() as idle:
        for _ in range(200):
            _, writer = await asyncio.open_connection("127.0.0.1", doors.port)
            idle.callback(writer.close)
            writer.write(head.encode())
        assert await doors.posted(path, b"whole") in {200, 202}

    assert doors.bodies == [b"whole"]


def _resident() -> int:
    """Bytes of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
