"""What whoever calls Slack meets while Slack is away; the page for people stays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.rehearsal.workspace.api.door import hang_up
from bot.rehearsal.workspace.faults import RETRY_AFTER, Absence, Faults

LINE = "/link/"
SLACKS = ("/api/", LINE, "/upload/", "/actions/", "/services/")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def absence(faults: Faults) -> Middleware:
    """The middleware before Slack's own doors."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if faults.absence is None or not request.path.startswith(SLACKS):
            return await handler(request)
        if faults.absence is Absence.ERROR:
            return web.Response(status=503, text="Slack is away")
        if faults.absence is Absence.LIMITED:
            told = {"ok": False, "error": "ratelimited"}
            return web.json_response(told, status=429, headers={"Retry-After": str(RETRY_AFTER)})
        if faults.absence is Absence.LOST and not request.path.startswith(LINE):
            await handler(request)
        if faults.absence is Absence.HANG:
            await faults.back.wait()
        return hang_up(request)

    return middleware
