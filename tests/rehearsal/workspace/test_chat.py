"""Posting, editing and deleting, as strictly as Slack."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rehearsal.workspace import Cast, Room, Workspace
from tests.rehearsal.workspace.typed import Client, ClientFor, Opened, Refusal

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}}


async def test_a_post_carries_the_marks_of_an_app_and_no_subtype(
    workspace: Workspace, client: Client
) -> None:
    answer = await client.chat_postMessage(channel="#alerts", text="hello", blocks=[SECTION])

    message = workspace.message("C0ALERTS", answer["ts"])

    assert answer["channel"] == "C0ALERTS"
    assert (message["user"], message["bot_id"], message["app_id"]) == ("U0HEAL", "B0HEAL", "A0HEAL")
    assert "subtype" not in message
    assert message["blocks"][0]["block_id"]


async def test_a_reply_counts_on_its_root(workspace: Workspace, client: Client) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="root")
    reply = await client.chat_postMessage(channel="C0ALERTS", text="reply", thread_ts=root["ts"])

    message = workspace.message("alerts", root["ts"])

    assert (message["reply_count"], message["latest_reply"]) == (1, reply["ts"])
    assert [m["text"] for m in workspace.messages("alerts")] == ["root"]
    assert [m["text"] for m in workspace.thread("alerts", root["ts"])] == ["root", "reply"]


async def test_a_broadcast_reply_shows_in_the_channel_too(
    workspace: Workspace, client: Client
) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="root")
    await client.chat_postMessage(
        channel="C0ALERTS", text="reply", thread_ts=root["ts"], reply_broadcast=True
    )

    assert [m.get("subtype") for m in workspace.messages("alerts")] == [None, "thread_broadcast"]


async def test_a_person_is_posted_to_in_direct_messages(
    workspace: Workspace, client: Client
) -> None:
    answer = await client.chat_postMessage(channel="U0ANA", text="psst")

    assert answer["channel"] == "D0ANA"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"channel": "nowhere", "text": "x"}, "channel_not_found"),
        ({"channel": "C0SECRET", "text": "x"}, "channel_not_found"),
        ({"channel": "C0FAR", "text": "x"}, "not_in_channel"),
        ({"channel": "C0NEAR"}, "no_text"),
        ({"channel": "C0NEAR", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C0NEAR", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": "C0NEAR", "text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"channel": "C0NEAR", "text": "x", "metadata": {"a": 1}}, "invalid_metadata_format"),
        ({"channel": "C0NEAR", "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
    ],
)
async def test_a_bad_post_is_refused(
    opened: Opened, client_for: ClientFor, refusal: Refusal, values: dict[str, Any], error: str
) -> None:
    rooms = (
        Room("C0NEAR", "near"),
        Room("C0FAR", "far", bot_inside=False),
        Room("C0SECRET", "secret", private=True, bot_inside=False),
    )
    workspace = await opened(cast=Cast(rooms=rooms))

    answer = await refusal(client_for(workspace).api_call("chat.postMessage", json=values))

    assert answer["error"] == error


async def test_a_reply_to_a_reply_finds_no_thread(client: Client, refusal: Refusal) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="root")
    reply = await client.chat_postMessage(channel="C0ALERTS", text="re", thread_ts=root["ts"])

    again = client.chat_postMessage(channel="C0ALERTS", text="re: re", thread_ts=reply["ts"])

    assert (await refusal(again))["error"] == "thread_not_found"


async def test_a_post_of_more_than_40_000_characters_is_cut_with_a_warning(client: Client) -> None:
    answer = await client.chat_postMessage(channel="C0ALERTS", text="x" * 40_001)

    assert answer["warning"] == "message_truncated"
    assert len(answer["message"]["text"]) == 40_000


async def test_an_edit_replaces_text_and_blocks(workspace: Workspace, client: Client) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="one", blocks=[SECTION])
    await client.chat_update(channel="C0ALERTS", ts=posted["ts"], text="two", blocks=[SECTION] * 2)

    message = workspace.message("alerts", posted["ts"])

    assert (message["text"], len(message["blocks"])) == ("two", 2)
    assert "edited" not in message


async def test_an_edit_with_text_alone_takes_the_blocks_away(
    workspace: Workspace, client: Client
) -> None:
    posted = await client.chat_postMessage(
        channel="C0ALERTS", text="one", blocks=[SECTION], attachments=[{"text": "kept"}]
    )
    await client.chat_update(channel="C0ALERTS", ts=posted["ts"], text="two")

    message = workspace.message("alerts", posted["ts"])

    assert "blocks" not in message
    assert message["attachments"][0]["text"] == "kept"
    assert message["edited"]["user"] == "U0HEAL"


async def test_an_edit_of_more_than_4_000_characters_is_refused(
    client: Client, refusal: Refusal
) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="one")

    update = client.chat_update(channel="C0ALERTS", ts=posted["ts"], text="x" * 4_001)

    assert (await refusal(update))["error"] == "msg_too_long"


async def test_an_edit_needs_the_id_of_the_channel(client: Client, refusal: Refusal) -> None:
    posted = await client.chat_postMessage(channel="alerts", text="one")

    update = client.chat_update(channel="alerts", ts=posted["ts"], text="two")

    assert (await refusal(update))["error"] == "channel_not_found"


async def test_what_others_said_cannot_be_edited_or_deleted(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    said = await workspace.post("ana", "alerts", "mine")

    where = {"channel": "C0ALERTS", "ts": said["ts"]}

    assert (await refusal(client.chat_update(**where, text="x")))["error"] == "cant_update_message"
    assert (await refusal(client.chat_delete(**where)))["error"] == "cant_delete_message"


async def test_a_deleted_message_is_gone(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="one")
    where = {"channel": "C0ALERTS", "ts": posted["ts"]}
    await client.chat_delete(**where)

    assert workspace.messages("alerts") == []
    assert (await refusal(client.chat_update(**where, text="x")))["error"] == "message_not_found"


async def test_an_ephemeral_message_is_in_no_history(workspace: Workspace, client: Client) -> None:
    answer = await client.chat_postEphemeral(channel="C0ALERTS", user="U0ANA", text="only you")

    note = workspace.ephemerals[0]
    history = await client.conversations_history(channel="C0ALERTS")

    assert (note.to, note.ts, note.text) == ("U0ANA", answer["message_ts"], "only you")
    assert history["messages"] == []


async def test_an_ephemeral_message_needs_somebody_who_is_there(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    await workspace.deactivate("sam")

    errors = [
        (await refusal(client.chat_postEphemeral(channel="C0ALERTS", user=user, text="x")))["error"]
        for user in ("U0NOBODY", "U0SAM")
    ]

    assert errors == ["user_not_found", "user_not_in_channel"]


async def test_a_permalink_leads_to_the_thread(workspace: Workspace, client: Client) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="root")
    reply = await client.chat_postMessage(channel="C0ALERTS", text="re", thread_ts=root["ts"])

    link = await client.chat_getPermalink(channel="C0ALERTS", message_ts=reply["ts"])

    digits = reply["ts"].replace(".", "")
    assert link["permalink"] == (
        f"{workspace.url}/archives/C0ALERTS/p{digits}?thread_ts={root['ts']}&cid=C0ALERTS"
    )


async def test_attachment_colours_are_told_as_hex(client: Client) -> None:
    attachments = [{"color": "danger", "text": "a"}, {"color": "#36A64F", "text": "b"}]
    answer = await client.chat_postMessage(channel="C0ALERTS", attachments=attachments, text="x")

    told = answer["message"]["attachments"]

    assert [(a["id"], a["color"]) for a in told] == [(1, "a30200"), (2, "36a64f")]


async def test_metadata_is_told_to_those_who_ask(client: Client) -> None:
    metadata = {"event_type": "heal_plan", "event_payload": {"plan": "p-1"}}
    await client.chat_postMessage(channel="C0ALERTS", text="plan", metadata=metadata)

    plain = await client.conversations_history(channel="C0ALERTS")
    full = await client.conversations_history(channel="C0ALERTS", include_all_metadata=True)

    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata
