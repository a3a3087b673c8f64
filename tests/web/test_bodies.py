"""A stranger's flood is read by as many at once as the door bears, and nobody else waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from aiohttp import web

from bot.core.errors import AlertRejected
from bot.web.bodies import LARGEST, LEAST, ROOM, Bodies

HEAD = "POST /alerts/{} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
Answered = tuple[int, str]


@asynccontextmanager
async def served(bodies: Bodies) -> AsyncIterator[tuple[int, list[str]]]:
    """Serve a door for each name; its port, and what was begun to be read so far."""
    begun: list[str] = []

    async def read(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        begun.append(name)
        try:
            return web.Response(body=await bodies.read(name, request))
        except AlertRejected as error:
            return web.Response(status=error.status, text=f"{error.retry_after}: {error}")

    app = web.Application(client_max_size=10)
    app.router.add_post("/alerts/{name}", read)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1], begun
    finally:
        await runner.cleanup()


async def post(port: int, name: str, body: bytes = b"body") -> Answered:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/alerts/{name}", content=body)
    return answer.status_code, answer.text


async def until(held: Callable[[], bool]) -> None:
    async with asyncio.timeout(180):
        while not held():
            await asyncio.sleep(0.002)


async def headers_only(port: int, name: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Begin to post, and keep the body back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD.format(name).encode())
    await writer.drain()
    return reader, writer


async def test_a_door_reads_so_many_bodies_at_once_and_no_other_door_waits() -> None:
    async with served(Bodies(room=2 * LEAST)) as (port, begun):
        slow = [await headers_only(port, "a") for _ in range(2)]
        await until(lambda: len(begun) == 2)
        third, other = await headers_only(port, "a"), await post(port, "b")
        refused = await third[0].readline()
        for reader, writer in slow:
            writer.write(b"late")
            assert b"200" in await reader.readline()
        again = await post(port, "a")
        for _, writer in (*slow, third):
            writer.close()

    assert b" 503 " in refused
    assert other == again == (200, "body")


def test_a_thousand_alerts_at_once_have_room() -> None:
    assert ROOM // LEAST >= 10_000
    assert ROOM <= 64 * LARGEST, "what a flood may take of the memory"


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with served(Bodies(within=0.05)) as (port, _):
        reader, writer = await headers_only(port, "a")
        async with asyncio.timeout(180):
            refused = await reader.readline()
        writer.close()

    assert b" 408 " in refused


async def test_a_body_that_is_too_large_is_not_kept() -> None:
    async with served(Bodies()) as (port, _):
        status, why = await post(port, "a", b"x" * 11)

    assert (status, why[:3]) == (413, "0: ")
