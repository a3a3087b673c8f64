"""What comes to a replica that stands by, and how the active one hears of it."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.core.posted import Receipt
from bot.web.bodies import LARGEST
from bot.web.peers import Peers
from bot.web.relay import HOP, REMOTE, Active, Relay, Restoring, listening
from bot.web.server import AlertDoor, Server

TOKEN, OWN = "of the active one", "of who stands by"
WHY = "standby: anna is active"


@dataclass
class Engine:
    """What the active replica heard at its doors."""

    got: list[tuple[str, Mapping[str, str], bytes, str, bool]] = field(default_factory=list)
    slack: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    async def receive(
        self, name: str, headers: Mapping[str, str], body: bytes, peer: str, *, vouched: bool
    ) -> Receipt:
        self.got.append((name, headers, body, peer, vouched))
        return Receipt(1)

    async def event(self, request: web.Request) -> web.Response:
        self.slack.append((request.raw_path, dict(request.headers), await request.read()))
        return web.Response(text="ok", headers={"X-From": "slack's door"})

    async def ready(self) -> str:
        return ""


@dataclass
class Two:
    """An active replica and one that stands by, and how both are reached."""

    engine: Engine
    active: httpx.AsyncClient
    standby: httpx.AsyncClient
    known: list[Active]
    behind: list[str]


@asynccontextmanager
async def two(*proxies: str) -> AsyncIterator[Two]:
    engine = Engine()
    door = AlertDoor(engine.receive, peers=Peers(proxies))
    server = Server(door, engine.event, engine.ready)
    with listening("127.0.0.1", 0) as here, listening("127.0.0.1", 0) as there:
        await server.take_over(here, Restoring(TOKEN))
        known = [Active(f"http://127.0.0.1:{server.port}", TOKEN)]
        behind: list[str] = []
        relay = Relay(
            OWN, lambda: known[0] if known else None, lambda: WHY, lambda: "".join(behind)
        )
        await relay.open(there)
        async with (
            httpx.AsyncClient(base_url=known[0].address, trust_env=False) as active,
            httpx.AsyncClient(base_url=_url(there), trust_env=False) as standby,
        ):
            yield Two(engine, active, standby, known, behind)
        await relay.close()
        await server.close()


@pytest.fixture
async def both() -> AsyncIterator[Two]:
    async with two() as opened:
        yield opened


async def test_what_comes_there_reaches_the_active_one_as_it_was_sent(both: Two) -> None:
    sent = {"Authorization": "Bearer secret", "X-Two": "1, 2"}
    answer = await both.standby.post("/alerts/grafana?a=%2F", content=b"{}", headers=sent)

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    [(name, headers, body, peer, vouched)] = both.engine.got
    assert (name, body, peer, vouched) == ("grafana", b"{}", "127.0.0.1", False)
    assert headers["authorization"] == "Bearer secret"
    assert headers["x-two"] == "1, 2"
    assert headers["host"] == str(both.standby.base_url.netloc.decode())
    assert not {HOP.lower(), REMOTE.lower()} & headers.keys(), "no token is kept with an alert"


async def test_slack_is_heard_there_with_what_its_signature_covers(both: Two) -> None:
    body = b"payload=%7B%22a%22%3A+1%7D"
    sent = {"X-Slack-Signature": "v0=1", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await both.standby.post("/slack/events", content=body, headers=sent)

    assert (answer.text, answer.headers["x-from"]) == ("ok", "slack's door")
    [(path, headers, got)] = both.engine.slack
    assert (path, got) == ("/slack/events", body)
    assert headers["X-Slack-Signature"] == "v0=1"
    assert headers["Content-Type"] == sent["Content-Type"]


async def test_a_body_that_is_packed_is_refused_there_as_it_is_here(both: Two) -> None:
    packed, sent = gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"}
    here = await both.active.post("/alerts/grafana", content=packed, headers=sent)
    there = await both.standby.post("/alerts/grafana", content=packed, headers=sent)

    assert (here.status_code, there.status_code, both.engine.got) == (415, 415, [])


def test_without_a_token_nobody_is_a_replica() -> None:
    assert not Restoring("").handed_on(make_mocked_request("GET", "/"))


async def test_the_address_of_a_sender_is_judged_by_the_active_one_as_if_it_came_there() -> None:
    sent = {"X-Forwarded-For": "192.0.2.9"}
    async with two() as strict:
        await strict.standby.post("/alerts/a", content=b"{}", headers=sent)
        assert strict.engine.got[0][3:] == ("127.0.0.1", False), "nobody is trusted there"
    async with two("127.0.0.1") as trusting:
        await trusting.standby.post("/alerts/a", content=b"{}", headers=sent)
        assert trusting.engine.got[0][3:] == ("192.0.2.9", True)


async def test_who_is_no_proxy_is_none_either_when_a_replica_in_their_network_hands_it_on() -> None:
    async with two("127.0.0.1") as opened:
        transport = httpx.AsyncHTTPTransport(local_address="127.0.0.3")
        async with httpx.AsyncClient(transport=transport) as stranger:
            sent = {"X-Forwarded-For": "10.0.0.1", "X-Client-Cert": "of somebody"}
            url = f"{opened.standby.base_url}/alerts/a"
            await stranger.post(url, content=b"{}", headers=sent)

        assert opened.engine.got[0][3:] == ("127.0.0.3", False)


@pytest.mark.parametrize("door", ["active", "standby"])
@pytest.mark.parametrize("hop", ["forged", "", "ünicode"])
async def test_who_only_says_to_be_a_replica_is_believed_nothing(
    both: Two, door: str, hop: str
) -> None:
    client: httpx.AsyncClient = getattr(both, door)
    sent = {HOP.encode(): hop.encode(), REMOTE.encode(): b"10.0.0.1"}
    answer = await client.post("/alerts/a", content=b"{}", headers=sent)

    assert answer.status_code == 202
    [(_, headers, _, peer, _)] = both.engine.got
    assert peer == "127.0.0.1"
    assert not {HOP.lower(), REMOTE.lower()} & headers.keys()


async def test_what_was_handed_on_once_is_not_handed_on_again(both: Two) -> None:
    sent = {HOP: OWN, REMOTE: "10.0.0.1"}
    answer = await both.standby.post("/alerts/a", content=b"{}", headers=sent)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert both.engine.got == []


async def test_two_that_take_each_other_for_the_active_one_ask_no_more_than_once() -> None:
    with listening("127.0.0.1", 0) as one, listening("127.0.0.1", 0) as other:
        anna = Relay("a", lambda: Active(_url(other), "b"), lambda: "anna stands by", str)
        bert = Relay("b", lambda: Active(_url(one), "a"), lambda: "bert stands by", str)
        await anna.open(one)
        await bert.open(other)
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(180):
            answer = await client.post(f"{_url(one)}/alerts/a", content=b"{}")
        await anna.close()
        await bert.close()

    assert answer.status_code == 503
    assert answer.json()["error"].endswith("bert stands by")


async def test_without_an_active_one_the_sender_is_asked_to_come_again(both: Two) -> None:
    del both.known[:]
    answer = await both.standby.post("/alerts/a", content=b"{}")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json() == {"error": f"it cannot be taken now, send it again: {WHY}"}


async def test_an_active_one_that_is_dead_is_told_as_such(both: Two) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        both.known[:] = [Active(_url(gone), TOKEN)]
    answer = await both.standby.post("/alerts/a", content=b"{}")

    assert answer.status_code == 503
    assert "the active replica does not answer" in answer.json()["error"]


async def test_it_lives_and_is_not_ready(both: Two) -> None:
    lives, ready = await both.standby.get("/healthz"), await both.standby.get("/readyz")

    assert lives.status_code == 200
    assert (ready.status_code, ready.json()["why"]) == (503, WHY)
    assert (await both.standby.get("/metrics")).status_code == 503


async def test_it_stands_where_it_should_while_it_follows_and_sees_an_active_one(both: Two) -> None:
    """For a cluster that replaces one pod after the other: those that stand by are never ready."""
    assert (await both.standby.get("/standing")).json() == {"standing": True, "why": ""}
    assert (await both.active.get("/standing")).status_code == 200
    both.behind.append("its file does not follow yet")
    answer = await both.standby.get("/standing")
    assert (answer.status_code, answer.json()["why"]) == (503, "its file does not follow yet")
    both.behind.clear()
    both.known.clear()
    assert (await both.standby.get("/standing")).status_code == 503


async def test_a_body_that_is_too_large_is_refused_there_already(both: Two) -> None:
    answer = await both.standby.post("/alerts/a", content=b"x" * (LARGEST + 1))

    assert answer.status_code == 413
    assert both.engine.got == []


async def test_a_whole_address_instead_of_a_path_leads_nowhere_else(both: Two) -> None:
    host, port = both.standby.base_url.host, both.standby.base_url.port
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET http://192.0.2.1/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()

    assert b" 400 " in answer.partition(b"\r\n")[0]


async def test_between_two_listeners_nobody_is_turned_away() -> None:
    engine = Engine()
    server = Server(AlertDoor(engine.receive), None, engine.ready)
    with listening("127.0.0.1", 0) as here:
        relay = Relay(OWN, lambda: None, lambda: WHY, str)
        await relay.open(here)
        await relay.close()
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.TaskGroup() as group:
            asked = group.create_task(client.post(f"{_url(here)}/alerts/a", content=b"{}"))
            while not asked.done() and not _waits(here):
                await asyncio.sleep(0.001)
            await server.take_over(here, Restoring(TOKEN))
            assert json.loads((await asked).content) == {"accepted": 1}
        await server.close()


def _url(at: socket.socket) -> str:
    return f"http://127.0.0.1:{at.getsockname()[1]}"


def _waits(at: socket.socket) -> bool:
    """Whether a connection stands in the queue of this socket."""
    state = at.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return int.from_bytes(state[24:28], "little") > 0
