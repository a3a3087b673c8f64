"""
Relay: the doors of a replica that stands by; what comes there is handed on to the active one.

It is handed on as it came: path, headers and body, so that whoever is let in there is let in for
the same reason. Beside them goes a token, which only replicas know, and the address that the
request came from. Who has no such token says nothing about addresses, and is no replica: their
words are taken off. What carries it was handed on once, and is not handed on again.
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, Self

import aiohttp
from aiohttp import hdrs, web
from multidict import CIMultiDict
from yarl import URL

from bot.core.errors import AlertRejected, ConfigurationError
from bot.web import hardened
from bot.web.bodies import LARGEST, Bodies

HOP, REMOTE = "Heal-Hop", "Heal-Remote"
OWN = frozenset({
    HOP.lower(), REMOTE.lower(), "connection", "keep-alive", "proxy-authenticate",
    "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
    "content-encoding",
})  # fmt: skip
"""Headers of one line between two programs; a body that is packed is refused by every door."""
WITHIN = 8.0
"""Seconds for an answer."""
SOON = "2"
"""Seconds after which a sender should come again: by then another may be active."""


Door = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Active(NamedTuple):
    """Where the active replica is reached, and what opens its way for others."""

    address: str
    token: str


class Restoring:
    """Gives what another replica handed on its own sender back, at the doors of the active one."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def handed_on(self, request: web.Request) -> bool:
        given = request.headers.get(HOP, "").encode(errors="replace")
        return bool(self._token) and hmac.compare_digest(given, self._token)

    @web.middleware
    async def restore(self, request: web.Request, handler: Door) -> web.StreamResponse:
        """Take the words of replicas off, and believe them if they are a replica's."""
        if HOP not in request.headers and REMOTE not in request.headers:
            return await handler(request)
        remote = request.headers.get(REMOTE, "") if self.handed_on(request) else request.remote
        headers = CIMultiDict(request.headers)
        headers.popall(HOP, None)
        headers.popall(REMOTE, None)
        return await handler(request.clone(headers=headers, remote=remote or ""))


class Relay:
    """Listens for a replica that stands by."""

    def __init__(
        self,
        token: str,
        active: Callable[[], Active | None],
        why_not: Callable[[], str],
        behind: Callable[[], str],
    ) -> None:
        """`token` is its own; `why_not` and `behind` say why it does not act, and could not."""
        self._restoring = Restoring(token)
        self._active = active
        self._why_not = why_not
        self._behind = behind
        self._bodies = Bodies()
        app = web.Application(client_max_size=LARGEST)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._not_ready)
        app.router.add_get("/standing", self._standing)
        app.router.add_get("/metrics", self._not_ready)
        app.router.add_route("*", "/{path:.*}", self._hand_on)
        self._runner = hardened.runner(app, shutdown=WITHIN)
        self._client: aiohttp.ClientSession | None = None

    async def open(self, listening: socket.socket) -> Self:
        """Begin to answer at this socket, which stays open afterwards."""
        self._client = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=WITHIN), auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )  # fmt: skip
        await self._runner.setup()
        await web.SockSite(self._runner, listening.dup()).start()
        return self

    async def close(self) -> None:
        """Finish what is on its way, and leave what comes now to whoever listens next."""
        await self._runner.cleanup()
        if self._client is not None:
            await self._client.close()

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _not_ready(self, _: web.Request) -> web.Response:
        told = {"ready": False, "why": self._why_not(), "notes": []}
        return web.json_response(told, status=503)

    async def _standing(self, _: web.Request) -> web.Response:
        """Whether it does its part: it follows, and sees whom it stands by for."""
        why = self._behind() or ("" if self._active() else self._why_not())
        told = {"standing": not why, "why": why}
        return web.json_response(told, status=503 if why else 200)

    async def _hand_on(self, request: web.Request) -> web.StreamResponse:
        active = self._active()
        if active is None or self._restoring.handed_on(request):
            return _later(self._why_not())
        if not request.raw_path.startswith("/"):
            return web.json_response({"error": "ask for a path"}, status=400)
        try:
            body = await self._bodies.read("", request)
        except AlertRejected as error:
            again = {"Retry-After": str(error.retry_after)} if error.retry_after else None
            return web.json_response({"error": str(error)}, status=error.status, headers=again)
        headers = _kept(request.headers)
        headers[HOP], headers[REMOTE] = active.token, request.remote or ""
        try:
            return await self._asked(request, URL(active.address + request.raw_path, encoded=True),
                                     headers, body)  # fmt: skip
        except (aiohttp.ClientError, OSError, TimeoutError):
            return _later("the active replica does not answer")

    async def _asked(
        self, request: web.Request, url: URL, headers: CIMultiDict[str], body: bytes
    ) -> web.Response:
        assert self._client is not None
        asking = self._client.request(
            request.method, url, data=body or None, headers=headers, allow_redirects=False,
            skip_auto_headers=[hdrs.USER_AGENT, hdrs.CONTENT_TYPE, hdrs.ACCEPT,
                               hdrs.ACCEPT_ENCODING],
        )  # fmt: skip
        async with asking as answer:
            told = await answer.read()
            given = _kept(answer.headers)
            if packed := answer.headers.get(hdrs.CONTENT_ENCODING):
                given[hdrs.CONTENT_ENCODING] = packed
            return web.Response(status=answer.status, body=told, headers=given)


def listening(host: str, port: int) -> socket.socket:
    """Take an address; it is listened at from now on. ConfigurationError when it is taken."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return socket.create_server(found[0][4][:2], family=found[0][0], backlog=128)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host}:{port}: {error.strerror}; set HEAL_LISTEN and SLACK_PORT"
        ) from error


def _kept(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, text) for name, text in headers.items() if name.lower() not in OWN)


def _later(why: str) -> web.Response:
    said = f"it cannot be taken now, send it again: {why}"
    return web.json_response({"error": said}, status=503, headers={"Retry-After": SOON})
