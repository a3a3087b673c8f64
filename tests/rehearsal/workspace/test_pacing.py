"""Slack's speed limits, and what a bot that is too fast is told."""

from __future__ import annotations

import asyncio

from tests.rehearsal.workspace.typed import ClientFor, Opened, Refusal


async def test_a_burst_is_taken_and_the_next_post_must_wait(
    opened: Opened, client_for: ClientFor, refusal: Refusal
) -> None:
    workspace = await opened(burst=2)
    client = client_for(workspace)
    for text in ("one", "two"):
        await client.chat_postMessage(channel="C0ALERTS", text=text)

    answer = await refusal(client.chat_postMessage(channel="C0ALERTS", text="three"))
    await client.chat_postMessage(channel="C0INCIDENTS", text="another channel")

    assert (answer.status_code, answer["error"]) == (429, "ratelimited")
    assert answer.headers["Retry-After"] == "1"
    assert [call.error for call in workspace.called("chat.postMessage")] == [
        None,
        None,
        "ratelimited",
        None,
    ]


async def test_a_refused_message_counts_as_well(
    opened: Opened, client_for: ClientFor, refusal: Refusal
) -> None:
    workspace = await opened(burst=1)
    client = client_for(workspace)
    bad = client.chat_postMessage(channel="C0ALERTS", text="x", thread_ts="1.0")
    await refusal(bad)

    answer = await refusal(client.chat_postMessage(channel="C0ALERTS", text="x"))

    assert answer["error"] == "ratelimited"


async def test_posts_flow_at_their_rate_afterwards(opened: Opened, client_for: ClientFor) -> None:
    client = client_for(await opened(burst=1, posts_per_second=50))
    await client.chat_postMessage(channel="C0ALERTS", text="one")
    await asyncio.sleep(0.03)

    await client.chat_postMessage(channel="C0ALERTS", text="two")


async def test_edits_are_limited_over_the_whole_workspace(
    opened: Opened, client_for: ClientFor, refusal: Refusal
) -> None:
    workspace = await opened(updates_per_minute=2)
    client = client_for(workspace)
    one = await client.chat_postMessage(channel="C0ALERTS", text="one")
    two = await client.chat_postMessage(channel="C0INCIDENTS", text="two")
    await client.chat_update(channel="C0ALERTS", ts=one["ts"], text="one!")
    await client.chat_update(channel="C0INCIDENTS", ts=two["ts"], text="two!")

    answer = await refusal(client.chat_update(channel="C0ALERTS", ts=one["ts"], text="one!!"))

    assert 58 <= int(answer.headers["Retry-After"]) <= 60
    assert workspace.message("alerts", one["ts"])["text"] == "one!"
