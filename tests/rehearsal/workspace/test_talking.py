"""What people and other apps say, and what the bot hears of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.rehearsal.workspace import Cast, NotPossible, Room, Workspace
from bot.rehearsal.workspace.wire import Refused
from tests.rehearsal.workspace.typed import Bot, Client, Http, InSocketMode, Opened


async def heard(workspace: Workspace, count: int) -> list[dict[str, Any]]:
    """The events that were sent to the bot, connected or not: exactly `count` of them."""

    def first_tries() -> list[dict[str, Any]]:
        return [d.payload["event"] for d in workspace.deliveries.log if d.attempt == 0]

    await workspace.until(lambda: len(first_tries()) >= count)
    assert len(first_tries()) == count
    return first_tries()


async def test_a_message_is_heard_with_its_channel_and_author(workspace: Workspace) -> None:
    said = await workspace.post("olivia", "#alerts", "payments is down")
    event = (await heard(workspace, 1))[0]

    assert (event["type"], event["channel"], event["user"]) == ("message", "C0ALERTS", "U0OLIVIA")
    assert (event["ts"], event["event_ts"]) == (said["ts"], said["ts"])
    assert event["channel_type"] == "channel"
    assert event["blocks"][0]["type"] == "rich_text"


async def test_a_mention_is_heard_twice_with_one_time(workspace: Workspace) -> None:
    await workspace.post("olivia", "alerts", "<@U0HEAL> help")
    first, second = await heard(workspace, 2)

    assert (first["type"], second["type"]) == ("message", "app_mention")
    assert first["ts"] == second["ts"]
    assert first["blocks"][0]["elements"][0]["elements"][0] == {
        "type": "user",
        "user_id": "U0HEAL",
    }


async def test_an_edit_and_a_deletion_are_heard_with_what_was(workspace: Workspace) -> None:
    said = await workspace.post("olivia", "alerts", "one")
    await workspace.edit("olivia", "alerts", said["ts"], "two")
    await workspace.delete("olivia", "alerts", said["ts"])
    _, changed, deleted = await heard(workspace, 3)

    assert changed["subtype"] == "message_changed"
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("one", "two")
    assert "user" not in changed
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", said["ts"])


async def test_only_the_author_changes_a_message(workspace: Workspace) -> None:
    said = await workspace.post("olivia", "alerts", "mine")

    with pytest.raises(NotPossible, match="Only the author"):
        await workspace.edit("sam", "alerts", said["ts"], "yours")


async def test_a_reaction_is_heard_with_its_message(workspace: Workspace) -> None:
    said = await workspace.post("olivia", "alerts", "one")
    await workspace.react("ana", "alerts", said["ts"], "white_check_mark")
    _, event = await heard(workspace, 2)

    assert (event["type"], event["reaction"]) == ("reaction_added", "white_check_mark")
    assert event["item"] == {"type": "message", "channel": "C0ALERTS", "ts": said["ts"]}
    assert (event["user"], event["item_user"]) == ("U0ANA", "U0OLIVIA")


async def test_the_bot_hears_itself_as_slack_has_it(workspace: Workspace, client: Client) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="one")
    await client.chat_update(channel="C0ALERTS", ts=posted["ts"], text="two")
    message, changed = await heard(workspace, 2)

    assert (message["bot_id"], message["user"]) == ("B0HEAL", "U0HEAL")
    assert changed["subtype"] == "message_changed"


async def test_bolt_does_not_answer_its_own_posts(
    workspace: Workspace, bot: Bot, client: Client, in_socket_mode: InSocketMode
) -> None:
    heard_texts: list[str] = []

    @bot.event("message")
    async def listen(event: Any, say: Any) -> None:
        heard_texts.append(event["text"])
        await say("noted")

    async with in_socket_mode(workspace, bot):
        await workspace.post("ana", "alerts", "hello")
        await workspace.until(lambda: len(workspace.messages("alerts")) == 2)
        await workspace.settled()

    assert heard_texts == ["hello"]


async def test_a_webhook_posts_as_another_app_with_hex_colours(
    workspace: Workspace, http: Http
) -> None:
    alert = {
        "username": "Alertmanager",
        "attachments": [{"title": "[FIRING:1]", "color": "danger"}],
    }
    async with http.post(workspace.webhook_url("alerts"), json=alert) as answer:
        assert (answer.status, await answer.text()) == (200, "ok")
    event = (await heard(workspace, 1))[0]

    assert (event["subtype"], event["bot_id"]) == ("bot_message", "B0HOOK")
    assert "user" not in event
    assert event["text"] == ""
    assert event["attachments"] == [{"id": 1, "title": "[FIRING:1]", "color": "a30200"}]


async def test_an_old_webhook_names_its_channel_itself(workspace: Workspace, http: Http) -> None:
    alert = {"channel": "#incidents", "text": "x"}
    async with http.post(f"{workspace.url}/services/T/B/X", json=alert) as answer:
        assert answer.status == 200

    assert [m["text"] for m in workspace.messages("incidents")] == ["x"]


@pytest.mark.parametrize(
    ("sent", "status", "text"),
    [
        ("not json", 400, "invalid_payload"),
        ('{"text": "", "channel": "#alerts"}', 400, "no_text"),
        ('{"text": "x", "channel": "#nowhere"}', 404, "channel_not_found"),
    ],
)
async def test_a_bad_webhook_is_refused_in_plain_words(
    workspace: Workspace, http: Http, sent: str, status: int, text: str
) -> None:
    async with http.post(f"{workspace.url}/services/T/B/X", data=sent) as answer:
        told = (answer.status, await answer.text())

    assert told == (status, text)


async def test_a_webhook_may_be_a_form(workspace: Workspace, http: Http) -> None:
    form = {"payload": '{"text": "from a form"}'}
    async with http.post(workspace.webhook_url("alerts"), data=form) as answer:
        assert answer.status == 200

    assert [m["text"] for m in workspace.messages("alerts")] == ["from a form"]


async def test_a_script_may_use_the_webhook_without_http(workspace: Workspace) -> None:
    await workspace.webhook(workspace.webhook_url("general"), {"text": "x"})

    assert workspace.messages("general")[0]["bot_id"] == "B0HOOK"
    with pytest.raises(Refused, match="no_text"):
        await workspace.webhook("general", {})


async def test_direct_messages_are_heard_as_such(workspace: Workspace) -> None:
    await workspace.post("ana", "D0ANA", "psst")
    event = (await heard(workspace, 1))[0]

    assert event["channel_type"] == "im"
    with pytest.raises(NotPossible, match="Sam Stranger is not in"):
        await workspace.post("sam", "D0ANA", "me too")


async def test_a_channel_without_the_bot_is_not_heard_until_it_is_invited(opened: Opened) -> None:
    workspace = await opened(cast=Cast(rooms=(Room("C0FAR", "far", bot_inside=False),)))
    await workspace.post("ana", "far", "<@U0HEAL> unheard")
    await workspace.invite("ana", "far")
    await workspace.post("ana", "far", "heard")
    joined, message = await heard(workspace, 2)

    assert (joined["type"], joined["user"]) == ("member_joined_channel", "U0HEAL")
    assert message["text"] == "heard"


async def test_events_need_their_scope_and_their_subscription(opened: Opened) -> None:
    cast = Cast()
    app = replace(
        cast.app,
        scopes=cast.app.scopes - {"channels:history"},
        events=cast.app.events - {"reaction_added"},
    )
    workspace = await opened(cast=replace(cast, app=app))
    said = await workspace.post("ana", "alerts", "<@U0HEAL> hello")
    await workspace.react("ana", "alerts", said["ts"], "eyes")
    events_heard = await heard(workspace, 1)

    assert [event["type"] for event in events_heard] == ["app_mention"]


async def test_nobody_posts_into_a_thread_that_is_not_there(workspace: Workspace) -> None:
    with pytest.raises(NotPossible, match="no thread"):
        await workspace.post("ana", "alerts", "x", thread_ts="1.000000")


@pytest.mark.parametrize(("user", "channel"), [("nobody", "alerts"), ("ana", "nowhere")])
async def test_who_and_where_must_exist(workspace: Workspace, user: str, channel: str) -> None:
    with pytest.raises(NotPossible, match="There is no"):
        await workspace.post(user, channel, "x")
