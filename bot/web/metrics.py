"""The door for Prometheus: shut without a token, for figures tell a stranger when nobody looks."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.core.errors import StoreUnavailable

Text = Callable[[], Awaitable[bytes]]


class MetricsDoor:
    """Answers a scrape that carries the token; `text` writes the figures, in this format."""

    def __init__(self, token: str, text: Text, form: str) -> None:
        self._wanted = f"Bearer {token}".encode()
        self._text = text
        self._form = form

    async def answer(self, request: web.Request) -> web.Response:
        """Answer 401 to a stranger, 503 while the file that holds some of them cannot be read."""
        given = request.headers.get("Authorization", "").encode(errors="replace")
        if not hmac.compare_digest(given, self._wanted):
            return web.json_response(
                {"error": "send HEAL_METRICS_TOKEN as a bearer token"}, status=401
            )
        try:
            body = await self._text()
        except StoreUnavailable as error:
            return web.json_response(
                {"error": str(error)}, status=503, headers={"Retry-After": "5"}
            )
        return web.Response(body=body, headers={"Content-Type": self._form})
