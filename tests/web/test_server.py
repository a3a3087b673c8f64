"""The doors: what is refused is refused with a reason, and what is too large is not read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from aiohttp import web

from bot.core.errors import (
    AlertRejected,
    ConfigurationError,
    InboxFull,
    StoreUnavailable,
    TooFast,
)
from bot.core.posted import Receipt
from bot.web.bodies import LARGEST
from bot.web.peers import Peers
from bot.web.server import AlertDoor, Server


class Engine:
    """Takes what is posted, or raises what it was told to raise."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.error: Exception | None = None
        self.why_not = ""
        self.noted: list[str] = []
        self.receipt = Receipt(1)
        self.peer = ("", False)
        self.headers: Mapping[str, str] = {}

    async def receive(
        self, name: str, headers: Mapping[str, str], body: bytes, peer: str, *, vouched: bool
    ) -> Receipt:
        if self.error is not None:
            raise self.error
        self.got.append((name, body))
        self.peer = (peer, vouched)
        self.headers = headers
        return self.receipt

    async def ready(self) -> str:
        return self.why_not

    def notes(self) -> list[str]:
        return self.noted

    async def slack(self, request: web.Request) -> web.Response:
        return web.Response(text="slack")


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def client(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    server = Server(
        AlertDoor(engine.receive, {"/old/webhook": "alertmanager"}),
        engine.slack,
        engine.ready,
        engine.notes,
    )
    await server.open("127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as opened:
        yield opened
    await server.close()


async def test_an_alert_is_accepted(client: httpx.AsyncClient, engine: Engine) -> None:
    answer = await client.post("/alerts/alertmanager", content=b"{}")

    assert answer.status_code == 202
    assert engine.got == [("alertmanager", b"{}")]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AlertRejected("alerts is missing"), 422),
        (AlertRejected("not authentic", 401), 401),
        (AlertRejected("no such source", 404), 404),
        (StoreUnavailable("the disk is full"), 503),
    ],
)
async def test_a_no_carries_its_status_and_its_reason(
    client: httpx.AsyncClient, engine: Engine, error: Exception, status: int
) -> None:
    engine.error = error
    answer = await client.post("/alerts/alertmanager", content=b"{}")

    assert answer.status_code == status
    assert str(error) in answer.json()["error"]


async def test_a_sender_is_told_when_to_come_again(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    engine.error = StoreUnavailable("the disk is full")
    answer = await client.post("/alerts/alertmanager", content=b"{}")

    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("error", "status", "after"),
    [(TooFast("slower", 429, 17), 429, "17"), (TooFast("slower", 503, 9), 503, "9"),
     (InboxFull("full"), 503, "5"), (AlertRejected("no alert"), 422, None)],
)  # fmt: skip
async def test_who_may_come_again_is_told_after_how_many_seconds(
    client: httpx.AsyncClient, engine: Engine, error: Exception, status: int, after: str | None
) -> None:
    engine.error = error
    answer = await client.post("/alerts/alertmanager", content=b"{}")

    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, after)


async def test_where_there_is_no_source_nothing_is_read(engine: Engine) -> None:
    engine.error = AlertRejected("no source is called so", 404)
    door = AlertDoor(engine.receive, sources={"alertmanager"})
    server = await Server(door, None, engine.ready).open("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"POST /alerts/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
    async with asyncio.timeout(180):
        answer = await reader.readline()
    writer.close()
    await server.close()

    assert b" 404 " in answer


async def test_what_is_turned_away_unread_and_how_long_the_rest_took_is_told(
    engine: Engine,
) -> None:
    unread, took = list[tuple[str, int]](), list[float]()
    door = AlertDoor(
        engine.receive,
        sources={"alertmanager"},
        unread=lambda source, _, error: unread.append((source, error.status)),
        accepted=took.append,
    )
    server = await Server(door, None, engine.ready).open("127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}/alerts/alertmanager"
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(url, content=b"x" * (LARGEST + 1))
        await client.post(url, content=b"{}")
        engine.error = AlertRejected("no alert")
        await client.post(url, content=b"{}")
    await server.close()

    assert unread == [("alertmanager", 413)]
    assert len(took) == 1
    assert took[0] > 0


async def test_figures_have_a_door_where_somebody_writes_them(engine: Engine) -> None:
    server = Server(AlertDoor(engine.receive), None, engine.ready, metrics=engine.slack)
    await server.open("127.0.0.1", 0)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{server.port}/metrics")
    await server.close()

    assert answer.status_code == 200


async def test_a_body_over_a_megabyte_is_refused_unread(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    answer = await client.post("/alerts/alertmanager", content=b"x" * (LARGEST + 1))

    assert answer.status_code == 413
    assert str(LARGEST) in answer.json()["error"]
    assert engine.got == []


async def test_only_posting_reaches_an_alert_door(client: httpx.AsyncClient) -> None:
    assert (await client.get("/alerts/alertmanager")).status_code == 405


async def test_a_source_is_reached_at_its_other_address_too(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    answer = await client.post("/old/webhook", content=b"{}")

    assert (answer.status_code, engine.got) == (202, [("alertmanager", b"{}")])
    assert (await client.get("/old/webhook")).status_code == 405


@pytest.mark.parametrize(
    ("receipt", "told"),
    [
        (Receipt(2), {"accepted": 2}),
        (Receipt(0, again=True), {"accepted": 0, "duplicate": True}),
        (Receipt(0, greeted="subscribed"), {"accepted": 0, "greeted": "subscribed"}),
    ],
)
async def test_a_sender_is_told_what_became_of_it(
    client: httpx.AsyncClient, engine: Engine, receipt: Receipt, told: dict[str, object]
) -> None:
    engine.receipt = receipt

    assert (await client.post("/alerts/alertmanager", content=b"{}")).json() == told


@pytest.mark.parametrize(
    ("proxies", "peer"), [((), ("127.0.0.1", False)), (("127.0.0.0/8",), ("192.0.2.7", True))]
)
async def test_only_a_proxy_that_is_named_may_say_who_posts(
    engine: Engine, proxies: tuple[str, ...], peer: tuple[str, bool]
) -> None:
    door = AlertDoor(engine.receive, peers=Peers(proxies))
    server = await Server(door, None, engine.ready).open("127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.port}/alerts/alertmanager"
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(url, content=b"{}", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.7"})
    await server.close()

    assert engine.peer == peer


async def test_a_header_that_comes_twice_is_read_whole_so_nobody_speaks_before_the_proxy(
    engine: Engine,
) -> None:
    """HAProxy adds a line of its own to X-Forwarded-For, below what the sender wrote."""
    door = AlertDoor(engine.receive, peers=Peers(["127.0.0.0/8"]))
    server = await Server(door, None, engine.ready).open("127.0.0.1", 0)
    twice = [
        ("X-Forwarded-For", "192.0.2.7"),
        ("X-Client-DN", "CN=alerts"),
        ("X-Forwarded-For", "6.6.6.6"),
        ("X-Client-DN", "CN=mallory"),
    ]
    url = f"http://127.0.0.1:{server.port}/alerts/alertmanager"
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(url, content=b"{}", headers=twice)
    await server.close()

    assert engine.peer == ("6.6.6.6", True)
    assert engine.headers["x-client-dn"] == "CN=alerts, CN=mallory"


async def test_health_says_nothing_but_that_we_are_alive(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"ok": True}


async def test_readiness_says_why_not(client: httpx.AsyncClient, engine: Engine) -> None:
    assert (await client.get("/readyz")).status_code == 200
    engine.why_not = "Slack is not connected"
    answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["why"] == "Slack is not connected"


async def test_what_should_be_looked_at_is_a_note_and_keeps_nothing_away(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    engine.noted = ["not in force: rules.yaml:1: mend it"]
    answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["notes"] == engine.noted


async def test_there_are_no_other_doors(client: httpx.AsyncClient) -> None:
    for path in ("/", "/runs", "/metrics", "/reload", "/slack", "/alerts"):
        assert (await client.get(path)).status_code == 404
    assert (await client.post("/slack/events")).text == "slack"


async def test_a_taken_port_stops_the_start_and_says_what_to_set(engine: Engine) -> None:
    first = await Server(AlertDoor(engine.receive), None, engine.ready).open("127.0.0.1", 0)
    try:
        with pytest.raises(ConfigurationError, match="SLACK_PORT"):
            await Server(AlertDoor(engine.receive), None, engine.ready).open(
                "127.0.0.1", first.port
            )
    finally:
        await first.close()
