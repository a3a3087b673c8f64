"""HTTP mode's door: a request is proved to be Slack's before a single byte of it is parsed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

QUIET = 60.0
"""Seconds in which the same reason is told once: whoever forges a thousand fills no ledger."""
_STAMP, _SIGNATURE = "X-Slack-Request-Timestamp", "X-Slack-Signature"


class SignedDoor:
    """Hands what Slack signed to Bolt; `refused` is told of the rest, and why."""

    def __init__(self, app: AsyncApp, secret: str, refused: Callable[[str], None]) -> None:
        self._app = app
        self._verifier = SignatureVerifier(secret)
        self._refused = refused
        self._told: dict[str, float] = {}

    async def dispatch(self, request: web.Request) -> web.Response:
        """Answer as Slack expects it; 401 for whoever is not Slack, 413 for too much."""
        try:
            body = await request.read()  # within the bounds of the door that it stands behind
        except web.HTTPRequestEntityTooLarge:
            return self._no(413, "its body is too large")
        if why := self._objection(request, body):
            return self._no(401, why)
        try:
            asked = AsyncBoltRequest(body=body.decode(), headers=_headers(request, body))
        except (ValueError, RecursionError, AttributeError):
            return self._no(400, "it is signed but no payload of Slack")
        return await to_aiohttp_response(await self._app.async_dispatch(asked))

    def _objection(self, request: web.Request, body: bytes) -> str:
        stamps = request.headers.getall(_STAMP, [])
        signatures = request.headers.getall(_SIGNATURE, [])
        if len(stamps) != 1 or len(signatures) != 1:
            return "it is not signed"
        stamp, signature = stamps[0], signatures[0]
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and signature.isascii()):
            return "its signature has no shape"
        try:
            valid = self._verifier.is_valid(body, stamp, signature)
        except UnicodeDecodeError:
            valid = False
        return "" if valid else "its signature is forged or older than five minutes"

    def _no(self, status: int, why: str) -> web.Response:
        now = asyncio.get_running_loop().time()
        if now - self._told.get(why, -math.inf) >= QUIET:
            self._told[why] = now
            self._refused(f"a request to Slack's door was refused: {why}")
        return web.Response(status=status, headers={"X-Slack-No-Retry": "1"})


def _headers(request: web.Request, body: bytes) -> dict[str, str | Sequence[str]]:
    """The parser follows the signed body: the content type is not signed and may be anybody's."""
    headers: dict[str, str | Sequence[str]] = {k.lower(): v for k, v in request.headers.items()}
    is_json = body.startswith(b"{")
    headers["content-type"] = "application/json" if is_json else "application/x-www-form-urlencoded"
    return headers
