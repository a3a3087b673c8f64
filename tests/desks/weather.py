"""What befalls requests on their way to a double: the faults of every desk, and one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from aiohttp import web

from tests.desks.faults import Fault

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REFUSED = {
    Fault.AWAY: (503, {}),
    Fault.TOO_FAST: (429, {"Retry-After": "7"}),
    Fault.BROKEN: (500, {}),
}
"""What is answered before anything is done."""


class Seen(NamedTuple):
    method: str
    path: str
    status: int


@dataclass
class Weather:
    """`faults` befall the next writes, `answers` the next requests of any kind, in order."""

    faults: list[Fault] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    locked: bool = False
    spared: int = 0
    """Writes that no fault befalls yet."""

    @property
    def writes(self) -> list[str]:
        """Every write that was taken, in order."""
        taken = (one for one in self.seen if one.method != "GET" and one.status < 400)
        return [f"{one.method} {one.path}" for one in taken]

    @web.middleware
    async def befall(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self.answers:
            return self.answers.pop(0)
        fault = self._fault() if request.method != "GET" else None
        if fault in REFUSED:
            status, headers = REFUSED[fault]
            self.seen.append(Seen(request.method, request.path, status))
            return web.Response(status=status, headers=headers, text="<html>not now</html>")
        try:
            answer = await handler(request)
        except web.HTTPException as refused:
            self.seen.append(Seen(request.method, request.path, refused.status))
            raise
        self.seen.append(Seen(request.method, request.path, answer.status))
        if fault is Fault.LATE:
            return web.Response(status=504, text="<html>upstream timed out</html>")
        if fault is Fault.LOST and request.transport is not None:
            request.transport.abort()
        return answer

    def _fault(self) -> Fault | None:
        if self.spared:
            self.spared -= 1
            return None
        return self.faults.pop(0) if self.faults else None


@dataclass
class Tracker:
    """What the doubles of all trackers have in common."""

    weather: Weather = field(default_factory=Weather)
    url: str = ""

    def fail(self, *faults: Fault) -> None:
        self.weather.faults += faults

    def lock(self) -> None:
        self.weather.locked = True


@asynccontextmanager
async def opened(app: web.Application) -> AsyncIterator[str]:
    """Serve it on loopback; its address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
