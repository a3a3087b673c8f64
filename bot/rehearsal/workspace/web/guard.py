"""Who may come in: programs and browsers of this machine, and no other site through a browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

HERE = frozenset({"127.0.0.1", "localhost"})


@web.middleware
async def guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuses foreign Host headers (DNS rebinding) and whatever pages of other origins send.

    It stands before every door: the tokens of this workspace are known to everybody.
    """
    if urlsplit(f"//{request.host}").hostname not in HERE:
        raise web.HTTPForbidden(text="call this workspace 127.0.0.1 or localhost")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        raise web.HTTPForbidden(text="this workspace takes nothing from other sites")
    return await handler(request)
