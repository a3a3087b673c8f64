"""Socket Mode: tickets, one envelope to one connection, acknowledgements, retries, refreshes."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.rehearsal.workspace import NotAnswered, Timing, Workspace
from tests.rehearsal.workspace.typed import Bot, Client, ClientFor, Http, InSocketMode, Opened

QUICK = Timing(ack=0.05, retries=(0, 0.01, 0.02))


async def ticket(client: Client) -> str:
    answer = await client.apps_connections_open(app_token="xapp-local")
    return str(answer["url"])


async def test_a_connection_begins_with_hello(
    workspace: Workspace, client: Client, http: Http
) -> None:
    async with http.ws_connect(await ticket(client)) as socket:
        hello = await socket.receive_json(timeout=60)

        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["connection_info"]["app_id"] == "A0HEAL"


async def test_a_ticket_opens_one_socket_only(
    workspace: Workspace, client: Client, http: Http
) -> None:
    url = await ticket(client)
    async with http.ws_connect(url):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="408"):
            await http.ws_connect(url)


async def test_a_connection_too_many_is_told_so(
    opened: Opened, client_for: ClientFor, http: Http
) -> None:
    client = client_for(await opened(most_sockets=1))
    async with (
        http.ws_connect(await ticket(client)),
        http.ws_connect(await ticket(client)) as second,
    ):
        told = await second.receive_json(timeout=60)

    assert (told["type"], told["reason"]) == ("disconnect", "too_many_websockets")


async def test_each_envelope_goes_to_one_connection_and_an_ack_may_use_another(
    workspace: Workspace, client: Client, http: Http
) -> None:
    async with (
        http.ws_connect(await ticket(client)) as one,
        http.ws_connect(await ticket(client)) as two,
    ):
        await one.receive_json(timeout=60), await two.receive_json()
        await workspace.post("ana", "alerts", "first")
        await workspace.post("ana", "alerts", "second")
        first, second = await one.receive_json(timeout=60), await two.receive_json()
        for envelope in (first, second):
            await one.send_json({"envelope_id": envelope["envelope_id"]})
        await workspace.settled()

    assert [e["payload"]["event"]["text"] for e in (first, second)] == ["first", "second"]
    assert workspace.deliveries.unacked == []


async def test_an_event_that_nobody_acks_is_sent_four_times_with_its_reason(
    opened: Opened, client_for: ClientFor, http: Http
) -> None:
    workspace = await opened(timing=QUICK)
    async with http.ws_connect(await ticket(client_for(workspace))) as socket:
        await socket.receive_json(timeout=60)
        await workspace.post("ana", "alerts", "hello?")
        envelopes = [await socket.receive_json(timeout=60) for _ in range(4)]
        await workspace.settled()

    assert [e["retry_attempt"] for e in envelopes] == [0, 1, 2, 3]
    assert [e["retry_reason"] for e in envelopes] == ["", "timeout", "timeout", "timeout"]
    assert len({e["payload"]["event_id"] for e in envelopes}) == 1
    assert len(workspace.deliveries.unacked) == 1


async def test_a_command_is_sent_once_and_the_person_sees_the_silence(
    opened: Opened, client_for: ClientFor, http: Http
) -> None:
    workspace = await opened(timing=QUICK)
    async with http.ws_connect(await ticket(client_for(workspace))) as socket:
        await socket.receive_json(timeout=60)
        with pytest.raises(NotAnswered, match="/heal was not acknowledged"):
            await workspace.command("ana", "alerts", "/heal")
        envelope = await socket.receive_json(timeout=60)

    assert envelope["accepts_response_payload"] is True
    assert "retry_attempt" not in envelope
    assert len(workspace.deliveries.log) == 1


async def test_without_a_connection_nobody_is_reached(workspace: Workspace) -> None:
    with pytest.raises(NotAnswered, match="connection_failed"):
        await workspace.command("ana", "alerts", "/heal")


async def test_events_with_a_payload_in_their_ack_are_still_only_acked(
    workspace: Workspace, client: Client, http: Http
) -> None:
    async with http.ws_connect(await ticket(client)) as socket:
        await socket.receive_json(timeout=60)
        await workspace.post("ana", "alerts", "hello")
        envelope = await socket.receive_json(timeout=60)
        await socket.send_str("not json")
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "x"}})
        await workspace.settled()

    assert envelope["accepts_response_payload"] is False
    assert workspace.ephemerals == []


async def test_bolt_takes_a_new_connection_when_slack_refreshes(
    workspace: Workspace, bot: Bot, in_socket_mode: InSocketMode
) -> None:
    heard = []

    @bot.event("message")
    async def listen(event: Any) -> None:
        heard.append(event["text"])

    async with in_socket_mode(workspace, bot):
        old = workspace.sockets.open[0]
        await workspace.refresh()
        await workspace.until(
            lambda: workspace.connections and workspace.sockets.open[0] is not old
        )
        await workspace.post("ana", "alerts", "still there?")
        await workspace.until(lambda: heard)

    assert heard == ["still there?"]


async def test_after_a_refresh_slack_hangs_up(
    opened: Opened, client_for: ClientFor, http: Http
) -> None:
    workspace = await opened(timing=Timing(refresh_grace=0.01))
    async with http.ws_connect(await ticket(client_for(workspace))) as socket:
        await socket.receive_json(timeout=60)
        await workspace.refresh()
        told = await socket.receive_json(timeout=60)
        goodbye = await socket.receive(timeout=60)

    assert (told["type"], told["reason"]) == ("disconnect", "refresh_requested")
    assert goodbye.type is aiohttp.WSMsgType.CLOSE


async def test_bolt_comes_back_after_the_network_broke(
    workspace: Workspace, bot: Bot, in_socket_mode: InSocketMode
) -> None:
    async with in_socket_mode(workspace, bot, ping_interval=0.05):
        workspace.drop_sockets()

        assert workspace.connections == 0
        await workspace.until(lambda: workspace.connections == 1)


async def test_an_event_in_the_gap_comes_when_the_bot_is_back(
    opened: Opened, client_for: ClientFor, http: Http
) -> None:
    workspace = await opened(timing=Timing(retries=(0,) + (0.02,) * 200))
    await workspace.post("ana", "alerts", "is anybody there?")
    await asyncio.sleep(0.01)
    async with http.ws_connect(await ticket(client_for(workspace))) as socket:
        await socket.receive_json(timeout=60)
        envelope = await socket.receive_json(timeout=60)
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        await workspace.settled()

    assert envelope["retry_attempt"] >= 2
    assert envelope["retry_reason"] == "connection_failed"
    assert workspace.deliveries.unacked == []


async def test_a_duplicate_has_the_same_event_id(
    workspace: Workspace, client: Client, http: Http
) -> None:
    workspace.duplicate_next()
    async with http.ws_connect(await ticket(client)) as socket:
        await socket.receive_json(timeout=60)
        await workspace.post("ana", "alerts", "twice")
        await workspace.post("ana", "alerts", "once")
        envelopes = [await socket.receive_json(timeout=60) for _ in range(3)]
        for envelope in envelopes:
            await socket.send_json({"envelope_id": envelope["envelope_id"]})
        await workspace.settled()

    ids = [e["payload"]["event_id"] for e in envelopes]
    assert ids[0] == ids[1] != ids[2]
