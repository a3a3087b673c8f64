"""Everything that can go wrong at Slack goes wrong here when a test says so, and only then."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import bot.rehearsal.workspace
from bot.rehearsal.workspace import NotPossible, Timing, Workspace
from tests.rehearsal.workspace.typed import Client, ClientFor, Http, Opened, Refusal

README = Path(bot.rehearsal.workspace.__file__).with_name("README.md")


async def listening(client: Client, http: Http) -> aiohttp.ClientWebSocketResponse:
    """A socket that has said hello."""
    answer = await client.apps_connections_open(app_token="xapp-local")
    socket = await http.ws_connect(str(answer["url"]))
    await socket.receive_json(timeout=60)
    return socket


async def heard(socket: aiohttp.ClientWebSocketResponse) -> str:
    """The next event's text, acknowledged."""
    envelope = await socket.receive_json(timeout=60)
    await socket.send_json({"envelope_id": envelope["envelope_id"]})
    return str(envelope["payload"]["event"]["text"])


async def test_the_story_of_the_readme_goes_as_it_is_told(
    workspace: Workspace, client: Client
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    told: dict[str, Any] = {"pytest": pytest, "aiohttp": aiohttp}
    exec(next(block for block in blocks if "async def story" in block), told)

    await told["story"](workspace, client)


@pytest.mark.parametrize("how", ["refused", "error", "hang", "dropped", "limited", "lost"])
async def test_a_slack_that_is_away_answers_nobody_and_comes_back(
    opened: Opened, client_for: ClientFor, http: Http, how: str
) -> None:
    workspace = await opened()
    client = client_for(workspace)
    socket = await listening(client, http)
    workspace.at(0.3, workspace.come_back)
    await workspace.go_away(how)
    asked = http.post(f"{workspace.api_url}auth.test", timeout=aiohttp.ClientTimeout(total=5))
    with pytest.raises(aiohttp.ClientError):
        async with asked as answer:
            answer.raise_for_status()
    broken = await socket.receive(timeout=60)
    await workspace.until(lambda: workspace.faults.absence is None)

    assert broken.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    assert (await client.auth_test())["ok"]


async def test_while_all_answers_are_lost_what_is_asked_is_done(
    workspace: Workspace, client: Client
) -> None:
    client.retry_handlers.clear()
    await workspace.go_away("lost")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="C0ALERTS", text="disk full")

    assert [one["text"] for one in workspace.messages("alerts")] == ["disk full"]


async def test_the_page_stays_while_slack_answers_errors(workspace: Workspace, http: Http) -> None:
    await workspace.go_away("error")
    async with http.get(f"{workspace.url}/page/state") as answer:
        assert answer.status == 200


async def test_a_call_that_hangs_is_not_done_and_breaks(
    workspace: Workspace, client: Client
) -> None:
    client.retry_handlers.clear()
    workspace.hang_next("chat.postMessage", 0.05)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="C0ALERTS", text="hello?")

    assert workspace.messages("alerts") == []


async def test_an_event_that_is_late_is_overtaken(
    workspace: Workspace, client: Client, http: Http
) -> None:
    socket = await listening(client, http)
    workspace.delay_next(0.1)
    await workspace.post("ana", "alerts", "first")
    await workspace.post("ana", "alerts", "second")

    assert [await heard(socket), await heard(socket)] == ["second", "first"]


async def test_events_come_in_the_opposite_order(
    workspace: Workspace, client: Client, http: Http
) -> None:
    socket = await listening(client, http)
    workspace.reorder_next(3)
    for text in ("one", "two", "three", "four"):
        await workspace.post("ana", "alerts", text)

    assert [await heard(socket) for _ in range(4)] == ["three", "two", "one", "four"]


async def test_a_handshake_that_is_refused_uses_its_ticket_up(
    workspace: Workspace, client: Client, http: Http
) -> None:
    workspace.refuse_handshakes()
    url = str((await client.apps_connections_open(app_token="xapp-local"))["url"])
    with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
        await http.ws_connect(url)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="408"):
        await http.ws_connect(url)
    await listening(client, http)

    assert workspace.connections == 1


async def test_ten_sockets_share_the_events_and_the_eleventh_is_sent_away(
    workspace: Workspace, client: Client, http: Http
) -> None:
    sockets = [await listening(client, http) for _ in range(10)]
    url = str((await client.apps_connections_open(app_token="xapp-local"))["url"])
    async with http.ws_connect(url) as eleventh:
        told = await eleventh.receive_json(timeout=60)
    for number in range(10):
        await workspace.post("ana", "alerts", str(number))
    texts = [await heard(socket) for socket in sockets]

    assert told["reason"] == "too_many_websockets"
    assert sorted(texts) == [str(number) for number in range(10)]


async def test_slack_tries_again_after_its_own_pauses(
    opened: Opened, client_for: ClientFor, http: Http
) -> None:
    workspace = await opened(time_scale=0.001, timing=Timing(ack=100))
    socket = await listening(client_for(workspace), http)
    await workspace.post("ana", "alerts", "hello?")
    tries = [await socket.receive_json(timeout=60) for _ in range(4)]
    await workspace.settled()

    assert [one["retry_attempt"] for one in tries] == [0, 1, 2, 3]
    assert len({one["payload"]["event_id"] for one in tries}) == 1


async def test_a_channel_that_is_archived_takes_nothing_and_can_be_read(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    said = await client.chat_postMessage(channel="C0ALERTS", text="before")
    await workspace.archive("alerts")
    posted = await refusal(client.chat_postMessage(channel="C0ALERTS", text="after"))
    edited = await refusal(client.chat_update(channel="C0ALERTS", ts=said["ts"], text="after"))
    read = await client.conversations_history(channel="C0ALERTS")
    with pytest.raises(NotPossible, match="archived"):
        await workspace.post("ana", "alerts", "hello")
    await workspace.archive("alerts", archived=False)
    await client.chat_postMessage(channel="C0ALERTS", text="again")

    assert (posted["error"], edited["error"]) == ("is_archived", "is_inactive")
    assert len(read["messages"]) == 1


async def test_a_bot_that_was_taken_out_of_a_channel_is_told_so(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    await workspace.remove_bot("alerts")
    answer = await refusal(client.chat_postMessage(channel="C0ALERTS", text="hello"))

    assert answer["error"] == "not_in_channel"


async def test_a_message_that_an_administrator_deleted_cannot_be_edited(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    said = await client.chat_postMessage(channel="C0ALERTS", text="hello")
    await workspace.remove_message("alerts", said["ts"])
    answer = await refusal(client.chat_update(channel="C0ALERTS", ts=said["ts"], text="hello"))

    assert answer["error"] == "message_not_found"


async def test_every_method_has_a_limit_of_its_own(
    opened: Opened, client_for: ClientFor, refusal: Refusal
) -> None:
    client = client_for(await opened())
    for _ in range(20):
        await client.usergroups_list()
    answer = await refusal(client.usergroups_list())
    other = await client.users_info(user="U0ANA")

    assert (answer.status_code, answer["error"], other["ok"]) == (429, "ratelimited", True)
