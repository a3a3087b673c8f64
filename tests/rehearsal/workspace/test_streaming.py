"""Streamed messages and thread statuses."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.messages.chunk import PlanUpdateChunk, TaskUpdateChunk

from bot.rehearsal.workspace import Timing, Workspace
from tests.rehearsal.workspace.typed import Client, ClientFor, Opened, Refusal

TO: Any = {"recipient_team_id": "T0LOCAL", "recipient_user_id": "U0OLIVIA"}


async def test_a_plan_is_streamed_into_one_message(workspace: Workspace, client: Client) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="alert")
    stream = await client.chat_stream(
        channel="C0ALERTS", thread_ts=root["ts"], task_display_mode="plan", **TO
    )
    await stream.append(chunks=[TaskUpdateChunk(id="1", title="drain", status="in_progress")])
    await stream.append(chunks=[PlanUpdateChunk(title="Restart payments")])
    await stream.append(
        chunks=[TaskUpdateChunk(id="1", title="drain", status="complete", output="2 pods")]
    )
    await stream.stop(markdown_text="Done.")

    message = workspace.thread("alerts", root["ts"])[1]
    plan = message["blocks"][0]

    assert (message["text"], plan["title"]) == ("Done.", "Restart payments")
    assert [(t["title"], t["status"]) for t in plan["tasks"]] == [("drain", "complete")]
    assert plan["tasks"][0]["output"]["type"] == "rich_text"


async def test_a_stream_in_a_channel_names_its_reader(client: Client, refusal: Refusal) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="alert")

    answer = await refusal(client.chat_startStream(channel="C0ALERTS", thread_ts=root["ts"]))

    assert answer["error"] == "missing_recipient_team_id"


async def test_a_message_that_streams_cannot_be_edited(client: Client, refusal: Refusal) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="alert")
    started = await client.chat_startStream(channel="C0ALERTS", thread_ts=root["ts"], **TO)

    edit = client.chat_update(channel="C0ALERTS", ts=started["ts"], text="x")

    assert (await refusal(edit))["error"] == "streaming_state_conflict"


async def test_a_stream_ends_when_appends_stop_and_can_then_be_edited(
    opened: Opened, client_for: ClientFor
) -> None:
    workspace = await opened(timing=Timing(stream_idle=0.02))
    client = client_for(workspace)
    root = await client.chat_postMessage(channel="C0ALERTS", text="alert")
    where: Any = {"channel": "C0ALERTS"}
    started = await client.chat_startStream(**where, thread_ts=root["ts"], **TO)
    await workspace.world.clock.sleep(0.03)

    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await client.chat_appendStream(**where, ts=started["ts"], markdown_text="more")
    await client.chat_update(**where, ts=started["ts"], text="the rest")

    assert workspace.message("alerts", started["ts"])["text"] == "the rest"


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        (
            {"chunks": [{"type": "task_update", "id": "1", "title": "a", "status": "completed"}]},
            "invalid_chunks",
        ),
        ({}, "no_text"),
    ],
)
async def test_a_bad_append_is_refused(
    client: Client, refusal: Refusal, values: dict[str, Any], error: str
) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="alert")
    started = await client.chat_startStream(channel="C0ALERTS", thread_ts=root["ts"], **TO)
    sent = {"channel": "C0ALERTS", "ts": started["ts"], **values}

    answer = await refusal(client.api_call("chat.appendStream", json=sent))

    assert answer["error"] == error


async def test_a_status_ends_with_the_next_post_in_its_thread(
    workspace: Workspace, client: Client
) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="alert")
    where = {"channel_id": "C0ALERTS", "thread_ts": root["ts"]}
    await client.assistant_threads_setStatus(**where, status="is looking…")
    shown = dict(workspace.world.statuses)
    await client.chat_postMessage(channel="C0ALERTS", thread_ts=root["ts"], text="found it")

    assert shown == {("C0ALERTS", root["ts"]): "is looking…"}
    assert workspace.world.statuses == {}
