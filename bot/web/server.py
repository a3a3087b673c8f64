"""The web server: alert webhooks, Slack's HTTP mode, and whether we are alive and ready."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol, Self

from aiohttp import web

from bot.core import spelling
from bot.core.errors import AlertRejected, ConfigurationError, StoreUnavailable
from bot.core.posted import Receipt
from bot.web.peers import Peers

AGAIN = '"duplicate": true'
LARGEST = 1 << 20
"""Bytes of one body at most; alert batches are tens of kilobytes."""


class Receive(Protocol):
    """Keep what was posted to a source; AlertRejected says why not."""

    async def __call__(
        self, name: str, headers: Mapping[str, str], body: bytes, peer: str, *, vouched: bool
    ) -> Receipt: ...


class AlertDoor(NamedTuple):
    """Where alerts go: who keeps them, other addresses of sources, and which proxies to believe."""

    receive: Receive
    paths: Mapping[str, str] = {}
    peers: Peers = Peers()


log = logging.getLogger(__name__)
SlackDoor = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Listens from `open` to `close`; `port` is the real one when 0 was asked for."""

    def __init__(
        self,
        door: AlertDoor,
        slack: SlackDoor | None,
        ready: Callable[[], Awaitable[str]],
        notes: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """`ready` says why not, `notes` what should be looked at though it is."""
        self._door = door
        self._ready = ready
        self._notes = notes
        self._app = web.Application(client_max_size=LARGEST)
        self._app.router.add_post("/alerts/{source}", self._alerts)
        for path, source in door.paths.items():
            self._app.router.add_post(path, partial(self._alerts_of, source))
        self._app.router.add_get("/healthz", self._healthz)
        self._app.router.add_get("/readyz", self._readyz)
        if slack is not None:
            self._app.router.add_post("/slack/events", slack)
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=5)
        self.port = 0

    async def open(self, host: str, port: int) -> Self:
        """Begin to listen; ConfigurationError when the address is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigurationError(
                f"cannot listen on {host}:{port}: {error.strerror}; set HEAL_LISTEN and SLACK_PORT"
            ) from error
        self.port = self._runner.addresses[0][1]
        return self

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _alerts(self, request: web.Request) -> web.Response:
        return await self._alerts_of(request.match_info["source"], request)

    async def _alerts_of(self, source: str, request: web.Request) -> web.Response:
        headers = request.headers
        peer, vouched = self._door.peers.of(request.remote, headers)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            log.warning("alerts/%s: refused %s: 413, too large", spelling.quoted(source), peer)
            return _no(413, f"the body is larger than {LARGEST} bytes: send smaller groups")
        try:
            kept = await self._door.receive(source, headers, body, peer, vouched=vouched)
        except AlertRejected as error:
            return _no(error.status, str(error))
        except StoreUnavailable as error:
            return _no(503, f"it cannot be stored now, send it again: {error}")
        return web.Response(text=_told(kept), status=202, content_type="application/json")

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _readyz(self, _: web.Request) -> web.Response:
        why = await self._ready()
        told = {"ready": not why, "why": why, "notes": list(self._notes())}
        return web.json_response(told, status=503 if why else 200)


def _told(kept: Receipt) -> str:
    if kept.greeted:
        return json.dumps({"accepted": 0, "greeted": kept.greeted})
    return f'{{"accepted": {kept.accepted}{", " + AGAIN if kept.again else ""}}}'


def _no(status: int, why: str) -> web.Response:
    headers = {"Retry-After": "5"} if status in {429, 503} else {}
    return web.json_response({"error": why}, status=status, headers=headers)
