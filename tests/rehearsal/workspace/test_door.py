"""The Web API lets in who may come in, says why not otherwise, and breaks on purpose."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.rehearsal.workspace import App, Cast, Workspace
from tests.rehearsal.workspace.typed import Client, ClientFor, Http, Opened, Refusal


async def test_auth_test_tells_the_bot_who_it_is(workspace: Workspace, client: Client) -> None:
    me = await client.auth_test()

    assert (me["user_id"], me["bot_id"], me["team_id"]) == ("U0HEAL", "B0HEAL", "T0LOCAL")
    assert me["url"] == f"{workspace.url}/"


async def test_an_unknown_method_is_called_by_its_name(client: Client, refusal: Refusal) -> None:
    answer = await refusal(client.api_call("chat.postMassage"))

    assert (answer["error"], answer["req_method"]) == ("unknown_method", "chat.postMassage")


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("", "not_authed"),
        ("xoxb-wrong", "invalid_auth"),
        ("xapp-local", "not_allowed_token_type"),
    ],
)
async def test_a_call_without_the_bot_token_is_refused(
    workspace: Workspace, http: Http, token: str, error: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with http.post(f"{workspace.api_url}auth.test", headers=headers) as answer:
        told = await answer.json()

    assert told == {"ok": False, "error": error}


async def test_the_token_may_also_come_as_an_argument(workspace: Workspace, http: Http) -> None:
    form = {"token": "xoxb-local"}
    async with http.post(f"{workspace.api_url}auth.test", data=form) as answer:
        told = await answer.json()

    assert told["ok"] is True
    assert workspace.calls[0].args == {}


async def test_sockets_are_opened_with_the_app_level_token_only(
    client: Client, refusal: Refusal
) -> None:
    answer = await refusal(client.apps_connections_open(app_token="xoxb-local"))

    assert answer["error"] == "not_allowed_token_type"


async def test_a_method_without_its_scope_names_the_scope(
    opened: Opened, client_for: ClientFor, refusal: Refusal
) -> None:
    cast = Cast(app=App(scopes=frozenset({"chat:write", "channels:read"})))
    client = client_for(await opened(cast=cast))

    answer = await refusal(client.users_info(user="U0ANA"))

    assert answer["error"] == "missing_scope"
    assert (answer["needed"], answer["provided"]) == ("users:read", "channels:read,chat:write")
    assert answer.headers["x-oauth-scopes"] == "channels:read,chat:write"
    assert answer.headers["x-accepted-oauth-scopes"] == "users:read"


async def test_the_manifest_lacks_what_slack_would_miss_too(
    client: Client, refusal: Refusal
) -> None:
    errors = [
        (await refusal(client.conversations_join(channel="C0ALERTS")))["needed"],
        (await refusal(client.team_info()))["needed"],
    ]

    assert errors == ["channels:join", "team:read"]


async def test_every_answer_names_the_scopes_of_the_token(client: Client) -> None:
    answer = await client.auth_test()

    assert "usergroups:read" in answer.headers["x-oauth-scopes"].split(",")


async def test_a_planned_status_is_answered_once_and_nothing_is_done(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    workspace.fail_next("chat.postMessage", 429, retry_after=7)

    answer = await refusal(client.chat_postMessage(channel="alerts", text="first"))
    await client.chat_postMessage(channel="alerts", text="second")

    assert (answer.status_code, answer["error"]) == (429, "ratelimited")
    assert answer.headers["Retry-After"] == "7"
    assert [m["text"] for m in workspace.messages("alerts")] == ["second"]


async def test_a_planned_error_is_answered_as_often_as_asked(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    workspace.fail_next("chat.postMessage", "fatal_error", times=2)

    errors = [
        (await refusal(client.chat_postMessage(channel="alerts", text="x")))["error"]
        for _ in range(2)
    ]
    await client.chat_postMessage(channel="alerts", text="x")

    assert errors == ["fatal_error", "fatal_error"]


async def test_a_lost_answer_leaves_the_post_behind(workspace: Workspace, http: Http) -> None:
    client = AsyncWebClient(
        token="xoxb-local", base_url=workspace.api_url, session=http, retry_handlers=[]
    )
    workspace.lose_next("chat.postMessage")

    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="alerts", text="did it arrive?")

    assert [m["text"] for m in workspace.messages("alerts")] == ["did it arrive?"]


async def test_a_revoked_token_opens_nothing(workspace: Workspace, client: Client) -> None:
    await workspace.revoke_token()

    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()


async def test_what_the_bot_sent_can_be_counted(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    await client.chat_postMessage(channel="C0ALERTS", text="hello")
    await refusal(client.api_call("chat.postMessage", json={"channel": "C0ALERTS", "text": ""}))

    sent = workspace.called("chat.postMessage")

    assert [(call.args.get("text"), call.error) for call in sent] == [
        ("hello", None),
        ("", "no_text"),
    ]
