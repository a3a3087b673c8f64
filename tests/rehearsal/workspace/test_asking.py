"""Commands, clicks, shortcuts and the Home tab, with the real Bolt listening."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.rehearsal.workspace import NotAnswered, NotPossible, Timing, Workspace
from tests.rehearsal.workspace.typed import Bot, Client, ClientFor, InSocketMode, Opened, Refusal

PLAIN = {"type": "plain_text", "text": "x"}
BUTTON = {"type": "button", "action_id": "go", "value": "plan-1", "text": PLAIN}
MENU = {
    "type": "static_select",
    "action_id": "pick",
    "options": [{"text": PLAIN, "value": "a"}, {"text": PLAIN, "value": "b"}],
}
BLOCKS = [{"type": "actions", "block_id": "row", "elements": [BUTTON, MENU]}]
MODAL = {"type": "modal", "title": PLAIN, "blocks": [{"type": "divider"}]}


@pytest.fixture
async def asked(
    workspace: Workspace, bot: Bot, in_socket_mode: InSocketMode
) -> AsyncIterator[list[Any]]:
    """What the connected bot was asked; it acknowledges everything, with `text` for commands."""
    seen: list[Any] = []

    @bot.command("/heal")
    async def command(ack: Any, body: Any) -> None:
        seen.append(body)
        await ack(**({"text": "here", "response_type": "in_channel"} if body["text"] else {}))

    async def acknowledge(ack: Any, body: Any) -> None:
        seen.append(body)
        await ack()

    for listen in (bot.action("go"), bot.action("pick"), bot.shortcut("heal_message")):
        listen(acknowledge)
    bot.shortcut("heal_global")(acknowledge)
    bot.event("app_home_opened")(acknowledge)
    async with in_socket_mode(workspace, bot):
        yield seen


async def test_a_command_comes_with_all_that_a_bot_needs(
    workspace: Workspace, asked: list[Any]
) -> None:
    await workspace.command("olivia", "alerts", "/heal", "payments")

    body = asked[0]
    assert (body["command"], body["text"]) == ("/heal", "payments")
    assert (body["user_id"], body["channel_name"]) == ("U0OLIVIA", "alerts")
    assert body["response_url"].startswith(f"{workspace.url}/actions/")
    assert [m["text"] for m in workspace.messages("alerts")] == ["here"]


async def test_names_in_a_command_are_escaped(workspace: Workspace, asked: list[Any]) -> None:
    await workspace.command(
        "olivia", "alerts", "/heal", "ask @ana in #general see https://a.b/c @x"
    )

    assert asked[0]["text"] == ("ask <@U0ANA|ana> in <#C0GENERAL|general> see <https://a.b/c> @x")


async def test_a_command_that_is_not_the_apps_is_refused_by_slack(workspace: Workspace) -> None:
    with pytest.raises(NotPossible, match="/cure is not a valid command"):
        await workspace.command("olivia", "alerts", "/cure")


async def test_a_click_tells_its_button_its_message_and_its_place(
    workspace: Workspace, client: Client, asked: list[Any]
) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="?", blocks=BLOCKS)
    await workspace.click("ana", "alerts", posted["ts"], "go")

    body = asked[0]
    action = body["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("go", "row", "plan-1")
    assert body["container"]["message_ts"] == posted["ts"]
    assert body["message"]["text"] == "?"
    assert body["user"]["id"] == "U0ANA"


async def test_a_choice_is_told_with_the_state_of_the_message(
    workspace: Workspace, client: Client, asked: list[Any]
) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="?", blocks=BLOCKS)
    await workspace.click("ana", "alerts", posted["ts"], "pick", choice="b")

    assert asked[0]["actions"][0]["selected_option"]["value"] == "b"
    assert asked[0]["state"]["values"]["row"]["pick"]["selected_option"]["value"] == "b"


async def test_only_what_is_shown_can_be_clicked(workspace: Workspace, client: Client) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="?", blocks=BLOCKS)

    with pytest.raises(NotPossible, match="there is: go, pick"):
        await workspace.click("ana", "alerts", posted["ts"], "stop")
    with pytest.raises(NotPossible, match="'c' is not offered"):
        await workspace.click("ana", "alerts", posted["ts"], "pick", choice="c")


async def test_an_ephemeral_message_is_clicked_by_its_reader_only(
    workspace: Workspace, client: Client, asked: list[Any]
) -> None:
    note = await client.chat_postEphemeral(
        channel="C0ALERTS", user="U0ANA", text="?", blocks=BLOCKS
    )
    await workspace.click("ana", "alerts", note["message_ts"], "go")

    assert asked[0]["container"]["is_ephemeral"] is True
    assert "message" not in asked[0]
    with pytest.raises(NotPossible, match="no message"):
        await workspace.click("sam", "alerts", note["message_ts"], "go")


async def test_a_message_shortcut_brings_the_message(
    workspace: Workspace, asked: list[Any]
) -> None:
    said = await workspace.post("olivia", "alerts", "payments is down")
    await workspace.shortcut("ana", "alerts", said["ts"], "heal_message")

    body = asked[0]
    assert (body["type"], body["message"]["text"]) == ("message_action", "payments is down")
    with pytest.raises(NotPossible, match="no message shortcut"):
        await workspace.shortcut("ana", "alerts", said["ts"], "other")


async def test_a_global_shortcut_belongs_to_no_channel(
    workspace: Workspace, asked: list[Any]
) -> None:
    await workspace.global_shortcut("ana", "heal_global")

    assert "channel" not in asked[0]
    with pytest.raises(NotPossible, match="no global shortcut"):
        await workspace.global_shortcut("ana", "other")


async def test_the_home_tab_is_opened_shown_and_clicked(
    workspace: Workspace, client: Client, asked: list[Any]
) -> None:
    await workspace.open_home("ana")
    await workspace.until(lambda: asked)
    await client.views_publish(user_id="U0ANA", view={"type": "home", "blocks": BLOCKS})
    home = workspace.home_of("ana") or {}
    await workspace.click_in_view("ana", home["id"], "go")

    assert (asked[0]["event"]["tab"], asked[0]["event"]["user"]) == ("home", "U0ANA")
    assert asked[1]["container"] == {"type": "view", "view_id": home["id"]}
    assert workspace.home_of("sam") is None


async def test_a_trigger_opens_one_modal_and_only_one(
    workspace: Workspace, client: Client, asked: list[Any], refusal: Refusal
) -> None:
    await workspace.command("olivia", "alerts", "/heal")
    trigger = asked[0]["trigger_id"]
    await client.views_open(trigger_id=trigger, view=MODAL)

    again = await refusal(client.views_open(trigger_id=trigger, view=MODAL))
    unknown = await refusal(client.views_open(trigger_id="1.2.3", view=MODAL))

    assert again["error"] == "exchanged_trigger_id"
    assert unknown["error"] == "invalid_trigger_id"


async def test_a_trigger_is_too_old_after_three_seconds(
    opened: Opened, client_for: ClientFor, refusal: Refusal
) -> None:
    workspace = await opened(timing=Timing(trigger=0.01))
    trigger = workspace.triggers.give("U0ANA")
    await asyncio.sleep(0.02)

    answer = await refusal(client_for(workspace).views_open(trigger_id=trigger, view=MODAL))

    assert answer["error"] == "expired_trigger_id"


async def test_an_answer_that_cannot_be_shown_is_no_answer(
    workspace: Workspace, bot: Bot, in_socket_mode: InSocketMode
) -> None:
    @bot.command("/heal")
    async def command(ack: Any) -> None:
        await ack(text="x", blocks=[{"type": "header", "text": "not an object"}])

    async with in_socket_mode(workspace, bot):
        with pytest.raises(NotAnswered, match="cannot be shown"):
            await workspace.command("ana", "alerts", "/heal")


async def test_who_left_clicks_no_more(workspace: Workspace, client: Client) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="?", blocks=BLOCKS)
    await workspace.deactivate("ana")

    with pytest.raises(NotPossible, match="Ana Ruiz was deactivated"):
        await workspace.click("ana", "alerts", posted["ts"], "go")
