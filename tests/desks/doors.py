"""A real HTTP server on loopback whose next writes go wrong as a test wants it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.desks.faults import Fault

Answer = Callable[[web.Request], Awaitable[web.Response]]
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REST = {"Retry-After": "7"}


class Faults:
    """Which writes go wrong: `faults` are used up one after the other; None lets one go well."""

    def __init__(self) -> None:
        self.faults: list[Fault | None] = []
        self.asked: list[str] = []
        """The method and path of every request."""

    def fail(self, *faults: Fault | None) -> None:
        self.faults += faults

    async def through(self, request: web.Request, answer: Answer) -> web.Response:
        """Answer a request, or let it go wrong."""
        self.asked.append(f"{request.method} {request.path}")
        fault = self.faults.pop(0) if self.faults and request.method in WRITES else None
        match fault:
            case Fault.AWAY:
                return web.Response(status=503, text="<html>the instance is away</html>")
            case Fault.TOO_FAST:
                return web.json_response({"error": "too fast"}, status=429, headers=REST)
            case Fault.BROKEN:
                return web.json_response({"error": "broken"}, status=500)
            case Fault.LOST | Fault.LATE:
                taken = await answer(request)
                assert taken.status < 300, f"it was refused instead: {taken.text}"
                if fault is Fault.LATE:
                    return web.Response(status=504, text="the gateway waited too long")
                if request.transport is not None:
                    request.transport.abort()
        return taken if fault is Fault.LOST else await answer(request)


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[str]:
    """Serve; the address of it, without a slash at its end."""
    app = web.Application(client_max_size=2**20)
    app.router.add_route("*", "/{rest:.*}", answer)
    async with running(app) as url:
        yield url


@asynccontextmanager
async def running(app: web.Application) -> AsyncIterator[str]:
    """Serve an application that has its routes already."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
