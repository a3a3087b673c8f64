"""Channels and their history, seen by the bot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.rehearsal.workspace import Cast, Room, Workspace
from tests.rehearsal.workspace.typed import Client, ClientFor, Opened, Refusal

ROOMS = (
    Room("C0ONE", "one", topic="first"),
    Room("C0TWO", "two", bot_inside=False),
    Room("G0SECRET", "secret", private=True),
    Room("G0HIDDEN", "hidden", private=True, bot_inside=False),
)


async def test_the_list_holds_public_channels_unless_asked_for_more(
    opened: Opened, client_for: ClientFor
) -> None:
    client = client_for(await opened(cast=Cast(rooms=ROOMS)))

    public = await client.conversations_list()
    private = await client.conversations_list(types="private_channel")
    direct = await client.conversations_list(types="im", limit=1)

    assert [c["id"] for c in public["channels"]] == ["C0ONE", "C0TWO"]
    assert [c["is_member"] for c in public["channels"]] == [True, False]
    assert [c["id"] for c in private["channels"]] == ["G0SECRET"]
    assert direct["channels"][0]["user"] == "U0OLIVIA"


async def test_the_list_comes_in_pages(opened: Opened, client_for: ClientFor) -> None:
    client = client_for(await opened(cast=Cast(rooms=ROOMS)))

    first = await client.conversations_list(limit=1)
    following = first["response_metadata"]["next_cursor"]
    second = await client.conversations_list(limit=1, cursor=following)

    assert [c["id"] for c in second["channels"]] == ["C0TWO"]
    assert second["response_metadata"]["next_cursor"] == ""


async def test_a_channel_is_told_with_its_topic(
    opened: Opened, client_for: ClientFor, refusal: Refusal
) -> None:
    client = client_for(await opened(cast=Cast(rooms=ROOMS)))

    one = await client.conversations_info(channel="C0ONE", include_num_members=True)
    hidden = await refusal(client.conversations_info(channel="G0HIDDEN"))

    assert (one["channel"]["topic"]["value"], one["channel"]["num_members"]) == ("first", 5)
    assert hidden["error"] == "channel_not_found"


async def test_a_private_channel_needs_the_scope_of_its_kind(
    opened: Opened, client_for: ClientFor, refusal: Refusal
) -> None:
    cast = Cast(rooms=ROOMS)
    scopes = cast.app.scopes - {"groups:history"}
    workspace = await opened(cast=replace(cast, app=replace(cast.app, scopes=scopes)))
    client = client_for(workspace)

    answer = await refusal(client.conversations_history(channel="G0SECRET"))

    assert answer["needed"] == "groups:history"
    assert (await client.conversations_history(channel="C0ONE"))["messages"] == []


async def test_history_is_of_channels_that_the_bot_is_in(
    opened: Opened, client_for: ClientFor, refusal: Refusal
) -> None:
    client = client_for(await opened(cast=Cast(rooms=ROOMS)))

    answer = await refusal(client.conversations_history(channel="C0TWO"))

    assert answer["error"] == "not_in_channel"


async def test_history_is_newest_first_and_without_replies(
    workspace: Workspace, client: Client
) -> None:
    first = await workspace.post("ana", "alerts", "first")
    await workspace.post("ana", "alerts", "a reply", thread_ts=first["ts"])
    await workspace.post("ana", "alerts", "second")

    told = await client.conversations_history(channel="C0ALERTS", limit=1)
    rest = await client.conversations_history(
        channel="C0ALERTS", cursor=told["response_metadata"]["next_cursor"]
    )

    assert [m["text"] for m in told["messages"]] == ["second"]
    assert told["has_more"] is True
    assert [m["text"] for m in rest["messages"]] == ["first"]


async def test_one_message_is_found_by_its_time(workspace: Workspace, client: Client) -> None:
    first = await workspace.post("ana", "alerts", "first")
    await workspace.post("ana", "alerts", "second")

    told = await client.conversations_history(
        channel="C0ALERTS", latest=first["ts"], inclusive=True, limit=1
    )

    assert [m["text"] for m in told["messages"]] == ["first"]


async def test_replies_begin_with_their_root(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    root = await workspace.post("ana", "alerts", "root")
    await workspace.post("sam", "alerts", "one", thread_ts=root["ts"])
    await workspace.post("sam", "alerts", "two", thread_ts=root["ts"])

    told = await client.conversations_replies(channel="C0ALERTS", ts=root["ts"])
    nowhere = await refusal(client.conversations_replies(channel="C0ALERTS", ts="1.000000"))

    assert [m["text"] for m in told["messages"]] == ["root", "one", "two"]
    assert nowhere["error"] == "thread_not_found"


async def test_asked_about_a_reply_slack_tells_only_that(
    workspace: Workspace, client: Client
) -> None:
    root = await workspace.post("ana", "alerts", "root")
    reply = await workspace.post("sam", "alerts", "one", thread_ts=root["ts"])

    told = await client.conversations_replies(channel="C0ALERTS", ts=reply["ts"])

    assert [m["text"] for m in told["messages"]] == ["one"]


async def test_direct_messages_are_opened_with_one_person(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    opened = await client.conversations_open(users="U0ANA")
    nobody = await refusal(client.conversations_open(users="U0NOBODY"))

    assert opened["channel"]["id"] == "D0ANA"
    assert nobody["error"] == "user_not_found"


async def test_a_deactivated_member_is_no_member(workspace: Workspace, client: Client) -> None:
    await workspace.deactivate("sam")

    told = await client.conversations_members(channel="C0ALERTS")

    assert told["members"] == ["U0ANA", "U0ANDRE", "U0HEAL", "U0OLIVIA"]


async def test_a_bot_with_the_scope_may_join(opened: Opened, client_for: ClientFor) -> None:
    cast = Cast(rooms=ROOMS)
    app = replace(cast.app, scopes=cast.app.scopes | {"channels:join"})
    workspace = await opened(cast=replace(cast, app=app))
    client = client_for(workspace)

    await client.conversations_join(channel="C0TWO")
    await client.chat_postMessage(channel="C0TWO", text="hello")

    assert [m["text"] for m in workspace.messages("two")] == ["hello"]


@pytest.mark.parametrize(
    ("values", "error"),
    [({"types": "huddle"}, "invalid_types"), ({"cursor": "?"}, "invalid_cursor")],
)
async def test_a_bad_question_is_refused(
    client: Client, refusal: Refusal, values: dict[str, Any], error: str
) -> None:
    assert (await refusal(client.conversations_list(**values)))["error"] == error
