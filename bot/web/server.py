"""The web server: alert webhooks, Slack's HTTP mode, and whether we are alive and ready."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol, Self

from aiohttp import web

from bot.core.errors import AlertRejected, ConfigurationError, StoreUnavailable
from bot.core.posted import Receipt
from bot.web import hardened
from bot.web.bodies import LARGEST, Bodies
from bot.web.peers import Peers
from bot.web.relay import Restoring

AGAIN = '"duplicate": true'
NEXT = 5
"""Seconds after which whoever is told that this one stops may find the next one."""


class Receive(Protocol):
    """Keep what was posted to a source; AlertRejected says why not."""

    async def __call__(
        self, name: str, headers: Mapping[str, str], body: bytes, peer: str, *, vouched: bool
    ) -> Receipt: ...


class AlertDoor(NamedTuple):
    """
    Where alerts go: who keeps them, other addresses of sources, and which proxies to believe.

    Of what is none of the `sources` no body is read; None = nobody said which there are. `unread`
    is told of what was turned away unread, `accepted` how many seconds an acknowledgement took.
    `refuses` says why nobody is let in at all; who is inside already gets an answer.
    """

    receive: Receive
    paths: Mapping[str, str] = {}
    peers: Peers = Peers()
    sources: Container[str] | None = None
    unread: Callable[[str, str, AlertRejected], None] = lambda *_: None
    accepted: Callable[[float], None] = lambda _: None
    refuses: Callable[[], str] = lambda: ""


Door = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Listens from `open` to `close`; `port` is the real one when 0 was asked for."""

    def __init__(
        self,
        door: AlertDoor,
        slack: Door | None,
        ready: Callable[[], Awaitable[str]],
        notes: Callable[[], Sequence[str]] = tuple,
        metrics: Door | None = None,
        pages: Sequence[web.RouteDef] = (),
        idle: float = hardened.IDLE,
    ) -> None:
        """`ready` says why not, `notes` what should be looked at though it is."""
        self._door = door
        self._bodies = Bodies()
        self._ready = ready
        self._notes = notes
        self._app = web.Application(client_max_size=LARGEST)
        self._app.router.add_post("/alerts/{source}", self._alerts)
        for path, source in door.paths.items():
            self._app.router.add_post(path, partial(self._alerts_of, source))
        self._app.router.add_get("/healthz", self._healthz)
        for path in ("/readyz", "/standing"):  # who acts stands where it should if it is ready
            self._app.router.add_get(path, self._readyz)
        if metrics is not None:
            self._app.router.add_get("/metrics", metrics)
        if slack is not None:
            self._app.router.add_post("/slack/events", partial(self._slack, slack))
        self._app.add_routes(pages)
        self._runner = hardened.runner(self._app, shutdown=5, idle=idle)
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

    async def take_over(self, listening: socket.socket, restoring: Restoring) -> Self:
        """Answer at a socket that another listened at till now; it stays open afterwards."""
        self._app.middlewares.append(restoring.restore)
        await self._runner.setup()
        await web.SockSite(self._runner, listening.dup()).start()
        self.port = listening.getsockname()[1]
        return self

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _alerts(self, request: web.Request) -> web.Response:
        return await self._alerts_of(request.match_info["source"], request)

    async def _alerts_of(self, source: str, request: web.Request) -> web.Response:
        if why := self._door.refuses():
            return _gone(why)
        loop, headers = asyncio.get_running_loop(), _headers(request)
        began = loop.time()
        peer, vouched = self._door.peers.of(request.remote, headers)
        try:
            body = await self._body(source, peer, request)
            kept = await self._door.receive(source, headers, body, peer, vouched=vouched)
        except AlertRejected as error:
            return _no(error.status, str(error), error.retry_after)
        except StoreUnavailable as error:
            said = f"it cannot be stored now, send it again: {error}"
            return _no(503, said, error.retry_after)
        self._door.accepted(loop.time() - began)
        return web.Response(text=_told(kept), status=202, content_type="application/json")

    async def _body(self, source: str, peer: str, request: web.Request) -> bytes:
        """Read it, if anybody waits for it: whoever knocks where no door is hears so at once."""
        known = self._door.sources
        if known is not None and source not in known:
            return b""
        try:
            return await self._bodies.read(source, request)
        except AlertRejected as error:
            self._door.unread(source, peer, error)
            raise

    async def _slack(self, door: Door, request: web.Request) -> web.StreamResponse:
        """Its body is read as any stranger's, for nobody knows yet that it is Slack's."""
        try:
            await self._bodies.read("slack", request)
        except AlertRejected as error:
            return _no(error.status, str(error), error.retry_after)
        return await door(request)

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _readyz(self, _: web.Request) -> web.Response:
        why = await self._ready()
        told = {"ready": not why, "why": why, "notes": list(self._notes())}
        return web.json_response(told, status=503 if why else 200)


def _headers(request: web.Request) -> dict[str, str]:
    """By names in lower case; the lines of one name are one, in their order, as HTTP reads them."""
    found: dict[str, list[str]] = {}
    for name, text in request.headers.items():
        found.setdefault(name.lower(), []).append(text)
    return {name: ", ".join(lines) for name, lines in found.items()}


def _told(kept: Receipt) -> str:
    if kept.greeted:
        return json.dumps({"accepted": 0, "greeted": kept.greeted})
    return f'{{"accepted": {kept.accepted}{", " + AGAIN if kept.again else ""}}}'


def _gone(why: str) -> web.Response:
    """Refuse, and let go of the line: a balancer opens the next one to somebody else."""
    answer = _no(503, why, NEXT)
    answer.force_close()
    return answer


def _no(status: int, why: str, again: int) -> web.Response:
    headers = {"Retry-After": str(again)} if again else {}
    return web.json_response({"error": why}, status=status, headers=headers)
