"""Opening, waiting and closing."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.rehearsal.workspace import App, Cast, Group, NotPossible, Person, Workspace
from tests.rehearsal.workspace.typed import ClientFor, Http, Opened


async def test_it_opens_on_a_free_port_of_this_machine(workspace: Workspace) -> None:
    assert workspace.url == f"http://127.0.0.1:{workspace.port}"
    assert workspace.api_url == f"{workspace.url}/api/"


async def test_two_workspaces_live_side_by_side(opened: Opened) -> None:
    one, two = await opened(), await opened()
    await one.post("ana", "alerts", "here")

    assert one.port != two.port
    assert two.messages("alerts") == []


async def test_the_whole_cast_can_be_replaced(opened: Opened, client_for: ClientFor) -> None:
    cast = Cast(
        team_id="T0ACME",
        people=(Person("U0ZOE", "zoe", "Zoe Zed"),),
        groups=(Group("S0ALL", "all", ("U0ZOE",)),),
        app=App(user_id="U0MEDIC", name="medic"),
    )
    workspace = await opened(cast=cast)
    me = await client_for(workspace).auth_test()
    await workspace.post("zoe", "general", "hello")

    assert (me["user"], me["user_id"], me["team_id"]) == ("medic", "U0MEDIC", "T0ACME")


async def test_until_gives_what_it_waited_for(workspace: Workspace) -> None:
    waiting = asyncio.gather(
        workspace.until(lambda: workspace.messages("alerts")),
        workspace.post("ana", "alerts", "there"),
    )
    found, _ = await waiting

    assert found[0]["text"] == "there"


async def test_until_also_sees_what_is_not_in_the_workspace(workspace: Workspace) -> None:
    seen: list[str] = []
    asyncio.get_running_loop().call_later(0.01, seen.append, "x")

    assert await workspace.until(lambda: seen) == ["x"]


async def test_until_gives_up(workspace: Workspace) -> None:
    with pytest.raises(TimeoutError, match=r"within 0\.01 s"):
        await workspace.until(lambda: False, timeout=0.01)


async def test_closing_leaves_nothing_behind(http: Http) -> None:
    before = asyncio.all_tasks()
    async with Workspace.open() as workspace:
        form = {"Authorization": "Bearer xapp-local"}
        async with http.post(f"{workspace.api_url}apps.connections.open", headers=form) as answer:
            url = (await answer.json())["url"]
        socket = await http.ws_connect(url)
        await workspace.post("ana", "alerts", "nobody acks this")
        await socket.receive_json(timeout=60)
        assert workspace.connections == 1
    goodbye = await socket.receive(timeout=60)

    assert goodbye.type is aiohttp.WSMsgType.CLOSE
    assert asyncio.all_tasks() - before == set()
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.get(workspace.url)


async def test_a_message_that_is_not_there_is_said_so(workspace: Workspace) -> None:
    with pytest.raises(NotPossible, match=r"no message 1\.0"):
        workspace.message("alerts", "1.0")


async def test_times_are_unique_and_only_grow(workspace: Workspace) -> None:
    times = [workspace.world.new_ts() for _ in range(1000)]

    assert times == sorted(set(times))
