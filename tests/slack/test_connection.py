"""The connection starts only with good tokens, comes back by itself and ends without a trace."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import ConfigurationError, TemporaryError
from bot.rehearsal.workspace import Workspace
from bot.slack.connection import Connection, open_bolt
from tests.slack import house as houses
from tests.slack.house import House


async def connected(workspace: Workspace, **changes: Any) -> Connection:
    values = {
        "bot_token": "xoxb-local", "app_token": "xapp-local", "signing_secret": None,
        "refused": print, "base_url": workspace.api_url, "ping": 0.1,
    }  # fmt: skip
    return await open_bolt(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"bot_token": "xoxb-wrong"}, "SLACK_BOT_TOKEN"),
        ({"app_token": "xapp-wrong"}, "SLACK_APP_TOKEN"),
        ({"app_token": None}, "SLACK_SIGNING_SECRET"),
        ({"app_token": None, "signing_secret": " \t"}, "SLACK_SIGNING_SECRET"),
    ],
)
async def test_a_bad_token_stops_the_start_and_says_where_to_get_one(
    workspace: Workspace, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"{named} .*api\.slack\.com/apps"):
        await connected(workspace, **changes)


async def test_a_slack_that_does_not_answer_is_no_wrong_token(workspace: Workspace) -> None:
    with pytest.raises(TemporaryError):
        await connected(workspace, base_url="http://127.0.0.1:9/")


async def test_a_refused_handshake_is_tried_again_with_a_fresh_url(workspace: Workspace) -> None:
    connection = await connected(workspace)
    workspace.sockets._tickets.clear()
    await connection.start()
    up = await connection.connected()
    await connection.close()

    assert (up, len(workspace.called("apps.connections.open"))) == (True, 2)


async def test_a_line_that_breaks_is_opened_again(house: House) -> None:
    house.workspace.drop_sockets()
    await house.workspace.until(lambda: house.workspace.connections)
    await house.workspace.command("olivia", "alerts", "/heal", "status")
    await house.workspace.until(lambda: house.private("U0OLIVIA"))

    assert await house.connection.connected()


async def test_a_slack_that_answers_with_a_page_is_tried_again_until_it_is_back(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.workspace.go_away("error")
    while "Slack cannot be reached: HTTP 503" not in caplog.text:
        await asyncio.sleep(0.01)
    await house.workspace.come_back()
    await house.workspace.until(lambda: house.workspace.connections)

    assert "AttributeError" not in caplog.text


async def test_a_refresh_of_slack_changes_the_line(house: House) -> None:
    (before,) = house.workspace.sockets.open
    await house.workspace.refresh()
    await house.workspace.until(
        lambda: house.workspace.connections and before not in house.workspace.sockets.open
    )
    await house.workspace.command("olivia", "alerts", "/heal", "status")
    await house.workspace.until(lambda: house.private("U0OLIVIA"))

    assert await house.connection.connected()


async def test_closing_leaves_no_task_behind(workspace: Workspace, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with houses.opened(workspace, tmp_path):
        await workspace.until(lambda: workspace.connections)
        await workspace.command("olivia", "alerts", "/heal", "status")
    await workspace.until(lambda: not workspace.connections)
    left = {str(task.get_coro()) for task in asyncio.all_tasks() - before if not task.done()}

    assert set() == {
        coro for coro in left if not coro.startswith("<coroutine object RequestHandler")
    }


async def test_closing_answers_what_was_read_already(workspace: Workspace, tmp_path: Path) -> None:
    async with houses.opened(workspace, tmp_path) as house:
        await workspace.until(lambda: workspace.connections)
        asking = asyncio.gather(
            *(workspace.command("olivia", "alerts", "/heal", f"stop {n}") for n in range(5))
        )
        await workspace.until(lambda: house.inbox._pending or house.requests.calls)
    await asyncio.wait([asking])

    assert any(delivery.acked for delivery in workspace.deliveries.log)
    asking.exception()


async def test_in_http_mode_nothing_is_connected_to(workspace: Workspace) -> None:
    connection = await connected(workspace, app_token=None, signing_secret="s3cret-s3cret")
    await connection.start()
    up = await connection.connected()
    await connection.close()

    assert (up, len(workspace.called("apps.connections.open"))) == (True, 0)
