"""A09: which addresses there are and what each asks for; where requests of ours never go."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp import web

from bot import plugins
from bot.app import doors
from bot.clients import addresses, http, subscriptions
from bot.clients.addresses import Allowed
from bot.clients.gateways import RecoverySettings
from bot.core.errors import AlertRejected, PermanentError
from bot.core.links import Links
from bot.core.posted import Posted, Receipt
from bot.plugins import Toolbox
from bot.web.metrics import MetricsDoor
from bot.web.pages.gate import Gate
from bot.web.pages.site import Site
from bot.web.peers import Peers
from bot.web.relay import Relay
from bot.web.server import AlertDoor, Server
from tests.builders import START
from tests.clients import servers
from tests.fakes import FakeClock
from tests.web.pages.sites import Members

TOKEN, TOPIC = "only-the-sender-knows", "arn:aws:sns:eu-west-1:123456789012:alarms"
OPEN = {
    "GET /healthz": "nobody: it says that the process lives, and no more",
    "GET /readyz": "nobody: it says why no traffic should come, and no secret",
    "GET /standing": "nobody: as /readyz, and fine where a replica stands by",
}
ROUTES = {
    **OPEN,
    "GET /metrics": "the bearer token HEAL_METRICS_TOKEN; without it there is no such route",
    "POST /slack/events": "Slack's signature",
    "POST /alerts/{source}": "what the source's settings name; without any it is shut",
    "POST /pagerduty/webhook": "as /alerts/pagerduty: another address of the same source",
}
"""Every address that answers, and who has to prove what there; a new one has to be written here."""
CLOSED = ("/", "/runs", "/incidents/inc-1", "/reports", "/sign-in", "/reload", "/admin", "/debug",
          "/alerts", "/api/trigger")  # fmt: skip
PAGES = {
    "* /": "nobody: it leads to /runs",
    "* /runs": "somebody who signed in",
    "* /runs/{run}": "nobody: it leads to the page of its incident",
    "* /incidents/{incident}": "somebody who signed in, or whom a link was handed to",
    "* /incidents/{incident}/proof.json": "the same",
    "* /incidents/{incident}/files/{name}": "the same",
    "* /reports": "somebody who signed in",
    "* /sign-in": "nobody: it tells how to come in",
    "* /sign-in/slack": "nobody: it leads to Slack",
    "* /sign-in/back": "the cookie of who began, and Slack's signature",
    "* /sign-out": "a form of ours",
}
"""The same of the pages, which are there only where HEAL_PUBLIC_URL says where."""
OF_A_REPLICA = {
    "GET /healthz": "nobody", "GET /readyz": "nobody", "GET /standing": "nobody",
    "GET /metrics": "nobody: it is never ready",
    "* /{path}": "whatever the active replica asks for, to whom it is handed on as it came",
}  # fmt: skip


def served(app: web.Application) -> set[str]:
    """What an app answers to, HEAD beside GET left out."""
    return {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.method != "HEAD" and route.resource is not None
    }


class Front:
    """The server with every source open, as app joins it."""

    def __init__(self) -> None:
        told = {"webhook_token": TOKEN, "webhook_topics": TOPIC}
        known = {name: _settings(name, told) for name in plugins.shipped("sources")}
        toolbox = Toolbox(None, lambda system: known.get(system, {}))
        self.sources = doors.alert_doors(toolbox)
        self.got: list[str] = []
        door = AlertDoor(self.receive, doors.paths(self.sources), sources=self.sources)
        scraped = MetricsDoor(TOKEN, self.text, "text/plain")
        self.server = Server(door, self.slack, self.ready, metrics=scraped.answer)

    async def receive(self, name: str, headers: Any, body: bytes, peer: str, **_: Any) -> Receipt:
        """Ask the source itself, as the engine does, whether it is from its sender."""
        posted = Posted(headers, body, START, peer)
        if why := await self.sources[name].authentic(posted):
            raise AlertRejected(why, 401)
        self.got.append(name)
        return Receipt(1)

    async def slack(self, _: web.Request) -> web.Response:
        return web.Response(status=401)

    async def ready(self) -> str:
        return ""

    async def text(self) -> bytes:
        return b"figures"


def _settings(name: str, told: dict[str, str]) -> dict[str, str]:
    fields = plugins.Toolbox(None, lambda _: {}).blueprint("sources", name).config.model_fields
    return {key: text for key, text in told.items() if key.removeprefix("webhook_") in fields}


def test_a09_every_address_that_answers_is_written_down_with_what_it_asks_for() -> None:
    assert served(Front().server._app) == ROUTES.keys()


def test_the_addresses_of_pages_are_written_down() -> None:
    gate = Gate(Links(), FakeClock(), Members(), Peers(), None)
    site = Site(gate, None, None, FakeClock(), "")  # type: ignore[arg-type]
    app = web.Application()
    app.add_routes(site.routes())

    assert served(app) == PAGES.keys()


def test_the_addresses_of_a_replica_that_stands_by_are_written_down() -> None:
    relay = Relay(TOKEN, lambda: None, lambda: "it stands by", str)
    [app] = [relay._runner.app]

    assert served(app) == OF_A_REPLICA.keys()


async def test_without_a_secret_nothing_but_health_is_answered() -> None:
    front = Front()
    await front.server.open("127.0.0.1", 0)
    found: dict[str, int] = {}
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{front.server.port}") as session:
            for route in ROUTES:
                method, _, path = route.partition(" ")
                for source in front.sources if "{source}" in path else ("",):
                    where = path.replace("{source}", source)
                    async with session.request(method, where) as answer:
                        found[f"{method} {where}"] = answer.status
            for where in (
                "/",
                "/runs",
                "/incidents/inc-1",
                "/reports",
                "/sign-in",
                "/reload",
                "/admin",
                "/debug",
                "/alerts",
                "/api/trigger",
            ):
                for method in ("GET", "POST", "PUT", "DELETE"):
                    async with session.request(method, where) as answer:
                        assert answer.status == 404, where
    finally:
        await front.server.close()

    assert {route for route, status in found.items() if status == 200} == OPEN.keys()
    assert set(found.values()) == {200, 401}
    assert front.got == []


CREDENTIALS = (
    "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "fd00:ec2::254", "fd20:ce::254", "fe80::a9fe:a9fe", "::ffff:169.254.169.254", "::a9fe:a9fe",
    "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "0.0.0.0", "::", "224.0.0.1",
    "ff02::1",
    "64:ff9b::6464:64c8", "2001:0:4136:e378:8000:63bf:5601:5601",
)  # fmt: skip
HARMLESS = ("127.0.0.1", "::1", "10.0.0.8", "192.0.2.7", "2001:db8::7", "64:ff9b::a00:8")
SPELLED = (
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "0xa9.0xfe.0xa9.0xfe",
)


@pytest.mark.parametrize("address", CREDENTIALS)
def test_an_address_of_credentials_is_known_however_it_is_spelled(address: str) -> None:
    assert addresses.forbidden(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", HARMLESS)
def test_an_ordinary_address_is_none_of_them(address: str) -> None:
    assert not addresses.forbidden(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", [*CREDENTIALS, *SPELLED])
def test_no_host_but_a_listed_one_is_asked_and_no_other_spelling_of_it(host: str) -> None:
    written = f"[{host}]" if ":" in host else host
    for listed in (("flags.internal",), ("169.254.169.1",), ()):
        with pytest.raises(PermanentError):
            Allowed(listed, "HEAL_HTTP_ALLOWED_HOSTS").check(f"http://{written}/latest")


async def calendar(client: httpx.AsyncClient, url: str) -> object:
    return await subscriptions.fetch(client, url)


async def plain(client: httpx.AsyncClient, url: str) -> object:
    return await http.send(client, "GET", addresses.plain(url))


async def gateway(client: httpx.AsyncClient, url: str) -> object:
    return await http.send(client, "POST", httpx.URL(RecoverySettings(webhook_url=url).webhook_url))


WAYS: tuple[Callable[[httpx.AsyncClient, str], Awaitable[object]], ...] = (calendar, plain, gateway)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("found", CREDENTIALS)
async def test_a_name_that_leads_to_credentials_is_asked_by_no_way(
    way: Callable[[httpx.AsyncClient, str], Awaitable[object]],
    found: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolved(host: str, port: int, **_: Any) -> list[Any]:
        return [(0, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
                (0, socket.SOCK_STREAM, 6, "", (found, port))]  # fmt: skip

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    async with servers.recorder() as server, http.open_client() as client:
        with pytest.raises(PermanentError):
            await way(client, f"https://calendars.example:{server.port}/x")

    assert server.seen == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]"])
async def test_a_calendar_lies_at_no_address_of_credentials(host: str) -> None:
    async with http.open_client() as client:
        with pytest.raises(PermanentError, match="never asked"):
            await subscriptions.fetch(client, f"https://{host}/latest/meta-data")


async def test_a_redirect_to_credentials_is_an_answer_and_followed_by_nobody() -> None:
    async with servers.recorder() as server, http.open_client() as client:
        away = {"Location": f"http://localhost:{server.port}/secret"}
        for status in (301, 302, 303, 307, 308):
            server.answers["/x"] = web.Response(status=status, headers=away)
            got = await http.send(client, "GET", httpx.URL(server.url("/x")))
            assert got.status == status
            with pytest.raises(PermanentError):
                await subscriptions.fetch(client, server.url("/x"))

    assert {one.path for one in server.seen} == {"/x"}
