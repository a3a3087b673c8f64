"""The page's endpoints: state, stream, acts and files, for this machine's browser only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.rehearsal.workspace import Workspace
from tests.rehearsal.workspace.typed import Bot, Client, ClientFor, Http, InSocketMode, Opened

PLAIN = {"type": "plain_text", "text": "x"}
BLOCKS = [
    {
        "type": "actions",
        "block_id": "row",
        "elements": [{"type": "button", "action_id": "go", "text": PLAIN}],
    }
]
FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": PLAIN,
    "submit": PLAIN,
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": PLAIN,
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


async def state(http: Http, workspace: Workspace, user: str = "") -> Any:
    async with http.get(f"{workspace.url}/page/state", params={"user": user}) as answer:
        assert answer.status == 200
        return await answer.json()


async def act(http: Http, workspace: Workspace, kind: str, **fields: Any) -> Any:
    asked = {"act": kind, "user": "U0ANA", **fields}
    async with http.post(f"{workspace.url}/page/act", json=asked) as answer:
        assert answer.status == 200
        return await answer.json()


@pytest.fixture
async def seen(
    workspace: Workspace, bot: Bot, in_socket_mode: InSocketMode
) -> AsyncIterator[list[Any]]:
    """What the connected bot was asked; it takes everything except an empty reason."""
    kept: list[Any] = []

    async def acknowledge(ack: Any, body: Any) -> None:
        kept.append(body)
        await ack()

    @bot.view("form")
    async def submitted(ack: Any, body: Any) -> None:
        kept.append(body)
        why = body["view"]["state"]["values"]["why"]["text"]["value"]
        await (ack(response_action="errors", errors={"why": "why?"}) if why == "?" else ack())

    bot.command("/heal")(acknowledge)
    bot.action("go")(acknowledge)
    bot.shortcut("heal_message")(acknowledge)
    bot.event("app_home_opened")(acknowledge)
    async with in_socket_mode(workspace, bot):
        yield kept


async def test_the_state_is_the_workspace_as_one_person_sees_it(
    workspace: Workspace, client: Client, http: Http
) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="root")
    await workspace.post("sam", "alerts", "*typed*", thread_ts=root["ts"])
    await client.chat_postEphemeral(channel="C0ALERTS", user="U0ANA", text="only Ana")
    await client.chat_postMessage(channel="U0SAM", text="only Sam")
    where = {"channel_id": "C0ALERTS", "thread_ts": root["ts"]}
    await client.assistant_threads_setStatus(**where, status="is looking…")

    told = await state(http, workspace, "U0ANA")
    first, reply, note = told["messages"]["C0ALERTS"]

    assert (told["me"]["role"], told["bot_user"]) == ("approver", "U0HEAL")
    assert [u["name"] for u in told["users"]] == ["olivia", "andre", "ana", "sam", "heal"]
    assert [c["name"] for c in told["channels"]] == ["alerts", "incidents", "general", "heal"]
    assert [c.get("is_im") for c in told["channels"]] == [None, None, None, True]
    assert told["groups"][1] == {
        "id": "S0APPROVERS",
        "handle": "approvers",
        "members": ["U0ANDRE", "U0ANA"],
    }
    assert (first["reply_count"], reply["thread_ts"]) == (1, root["ts"])
    assert "blocks" not in reply
    assert (note["text"], note["is_ephemeral"]) == ("only Ana", True)
    assert "D0SAM" not in told["messages"]
    assert told["statuses"] == [{**where, "status": "is looking…"}]
    assert told["commands"][0]["command"] == "/heal"
    assert (told["modal"], told["home"], told["connections"]) == (None, None, 0)


async def test_the_state_begins_with_the_first_person(workspace: Workspace, http: Http) -> None:
    assert (await state(http, workspace))["me"]["id"] == "U0OLIVIA"

    async with http.get(f"{workspace.url}/page/state?user=U0NOBODY") as answer:
        assert answer.status == 404


async def test_the_stream_tells_every_revision_but_not_too_often(
    workspace: Workspace, http: Http
) -> None:
    async with http.get(f"{workspace.url}/page/stream") as stream:
        assert stream.content_type == "text/event-stream"
        first = json.loads((await stream.content.readuntil(b"\n\n")).removeprefix(b"data: "))
        for number in range(20):
            await workspace.post("ana", "alerts", str(number))
        second = json.loads((await stream.content.readuntil(b"\n\n")).removeprefix(b"data: "))

    assert second["revision"] >= first["revision"] + 20


async def test_a_stream_does_not_keep_the_workspace_open(http: Http) -> None:
    async with Workspace.open() as workspace:
        stream = await http.get(f"{workspace.url}/page/stream")
    async with stream:
        rest = await asyncio.wait_for(stream.content.read(), 20)

    assert rest.startswith(b"data: ")


async def test_typed_words_become_what_slack_keeps(workspace: Workspace, http: Http) -> None:
    typed = "@heal is #alerts <b> & ok? ask @oncall or <@U0SAM>, see https://a.b/c, not me@heal"
    answer = await act(http, workspace, "post", channel="C0ALERTS", text=typed)

    assert answer == {"ok": True}
    assert workspace.messages("alerts")[0]["text"] == (
        "<@U0HEAL> is <#C0ALERTS|alerts> &lt;b&gt; &amp; ok? ask <!subteam^S0ONCALL|@oncall> "
        "or <@U0SAM>, see <https://a.b/c>, not me@heal"
    )


async def test_a_slash_begins_a_command_except_in_threads(
    workspace: Workspace, http: Http, seen: list[Any]
) -> None:
    root = await workspace.post("ana", "alerts", "root")
    where = {"channel": "C0ALERTS", "text": "/heal payments"}

    done = await act(http, workspace, "post", **where)
    in_thread = await act(http, workspace, "post", **where, thread_ts=root["ts"])
    unknown = await act(http, workspace, "post", channel="C0ALERTS", text="/cure")

    assert done == {"ok": True}
    assert seen[0]["text"] == "payments"
    assert in_thread["error"] == "Slash commands do not work in threads: mention @heal instead."
    assert unknown == {"ok": False, "error": "/cure is not a valid command."}


async def test_clicks_reach_messages_and_views(
    workspace: Workspace, client: Client, http: Http, seen: list[Any]
) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="?", blocks=BLOCKS)
    await client.views_publish(user_id="U0ANA", view={"type": "home", "blocks": BLOCKS})
    home = (await state(http, workspace, "U0ANA"))["home"]
    what = {"action_id": "go", "block_id": "row"}

    on_message = await act(
        http, workspace, "click", channel="C0ALERTS", ts=posted["ts"], **what, value=None
    )
    on_home = await act(http, workspace, "click", view_id=home["id"], **what)

    assert (on_message, on_home) == ({"ok": True}, {"ok": True})
    assert [body["container"]["type"] for body in seen] == ["message", "view"]


async def test_a_form_is_submitted_corrected_and_gone(
    workspace: Workspace, client: Client, http: Http, seen: list[Any]
) -> None:
    await client.views_open(trigger_id=workspace.triggers.give("U0ANA"), view=FORM)
    view_id = (await state(http, workspace, "U0ANA"))["modal"]["id"]

    async def submitted(text: str) -> Any:
        values = {"why": {"text": text}}
        return await act(http, workspace, "submit", view_id=view_id, values=values)

    empty, vague, good = await submitted(""), await submitted("?"), await submitted("because")

    assert empty["errors"] == {"why": "Please complete this required field."}
    assert vague["errors"] == {"why": "why?"}
    assert good == {"ok": True}
    assert (await state(http, workspace, "U0ANA"))["modal"] is None


async def test_a_form_is_closed(workspace: Workspace, client: Client, http: Http) -> None:
    await client.views_open(trigger_id=workspace.triggers.give("U0ANA"), view=FORM)
    view_id = (await state(http, workspace, "U0ANA"))["modal"]["id"]

    assert await act(http, workspace, "close", view_id=view_id) == {"ok": True}
    assert workspace.modal_of("ana") is None


async def test_a_second_click_takes_a_reaction_back(workspace: Workspace, http: Http) -> None:
    said = await workspace.post("sam", "alerts", "x")
    where = {"channel": "C0ALERTS", "ts": said["ts"], "name": "eyes"}
    await act(http, workspace, "react", **where)
    counted = [r["count"] for r in said["reactions"]]
    await act(http, workspace, "react", **where)

    assert counted == [1]
    assert said["reactions"] == []


async def test_home_and_shortcut_reach_the_bot(
    workspace: Workspace, http: Http, seen: list[Any]
) -> None:
    said = await workspace.post("sam", "alerts", "payments is down")
    where = {"channel": "C0ALERTS", "ts": said["ts"]}
    await act(http, workspace, "shortcut", **where, callback_id="heal_message")
    await act(http, workspace, "home")
    await workspace.until(lambda: len(seen) == 2)

    assert seen[0]["callback_id"] == "heal_message"
    assert seen[1]["event"]["type"] == "app_home_opened"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"act": "fly"}, "There is no act 'fly'."),
        ({"act": "post", "text": "x"}, "The act 'post' needs 'channel'."),
        ({"act": "post", "channel": "C0ALERTS", "text": " "}, "There is nothing to send."),
        ({"act": "home", "user": "U0NOBODY"}, "There is no person 'U0NOBODY' in this workspace."),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence(
    workspace: Workspace, http: Http, asked: dict[str, Any], error: str
) -> None:
    answer = await act(http, workspace, asked.pop("act"), **asked)

    assert answer == {"ok": False, "error": error}


async def test_a_bot_that_is_away_is_said_in_a_sentence(workspace: Workspace, http: Http) -> None:
    answer = await act(http, workspace, "post", channel="C0ALERTS", text="/heal")

    assert answer["error"].startswith("/heal was not acknowledged by the bot in time")


@pytest.mark.parametrize(
    "path", ["/", "/page/state", "/page/stream", "/page/page.js", "/files/F/x", "/api/auth.test"]
)
async def test_another_host_name_is_refused(workspace: Workspace, http: Http, path: str) -> None:
    async with http.get(workspace.url + path, headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_another_site_cannot_act(
    workspace: Workspace, http: Http, headers: dict[str, str], status: int
) -> None:
    body = json.dumps({"act": "post", "user": "U0ANA", "channel": "C0ALERTS", "text": "x"})
    sent = {"Content-Type": "application/json", **headers}
    async with http.post(f"{workspace.url}/page/act", data=body, headers=sent) as answer:
        assert answer.status == status

    assert workspace.messages("alerts") == []


async def test_the_page_itself_may_act(workspace: Workspace, http: Http) -> None:
    body = {"act": "post", "user": "U0ANA", "channel": "C0ALERTS", "text": "x"}
    sent = {"Origin": workspace.url}
    async with http.post(f"{workspace.url}/page/act", json=body, headers=sent) as answer:
        assert (await answer.json())["ok"] is True


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page/page.css", "text/css"), ("/page/page.js", "text/javascript")],
)
async def test_the_page_is_served(workspace: Workspace, http: Http, path: str, kind: str) -> None:
    async with http.get(workspace.url + path) as answer:
        assert (answer.status, answer.content_type) == (200, kind)


@pytest.mark.parametrize("path", ["/page/..%2fworkspace.py", "/page/none.js", "/files/F1/a.txt"])
async def test_nothing_else_is_served(workspace: Workspace, http: Http, path: str) -> None:
    async with http.get(workspace.url + path) as answer:
        assert answer.status == 404


async def test_a_permalink_leads_to_the_page(
    workspace: Workspace, client: Client, http: Http
) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="x")
    link = (await client.chat_getPermalink(channel="C0ALERTS", message_ts=posted["ts"]))[
        "permalink"
    ]
    async with http.get(link, allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"/#/C0ALERTS/{posted['ts']}"


async def test_a_reader_may_cut_the_line_and_send_slack_away(
    opened: Opened, client_for: ClientFor, http: Http
) -> None:
    workspace = await opened(time_scale=0.01)
    url = str((await client_for(workspace).apps_connections_open(app_token="xapp-local"))["url"])
    async with http.ws_connect(url):
        await act(http, workspace, "fate", what="drop")
        await workspace.until(lambda: workspace.connections == 0)
    await act(http, workspace, "fate", what="away")
    await workspace.until(lambda: workspace.faults.absence)
    away = (await state(http, workspace))["away"]
    await workspace.until(lambda: not workspace.faults.absence)

    assert (away, (await state(http, workspace))["away"]) == (True, False)
