"""Response URLs: five answers within half an hour, seen by one or by all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.rehearsal.workspace import Timing, Workspace
from tests.rehearsal.workspace.typed import Client, Http, Opened


def url_for(workspace: Workspace, about: dict[str, Any] | None = None) -> str:
    return workspace.response_urls.give("C0ALERTS", "U0ANA", about)


async def say(http: Http, url: str, **said: Any) -> tuple[int, str]:
    async with http.post(url, json=said) as answer:
        return answer.status, await answer.text()


async def test_an_answer_is_for_the_person_unless_it_is_for_the_channel(
    workspace: Workspace, http: Http
) -> None:
    url = url_for(workspace)
    await say(http, url, text="for you")
    await say(http, url, text="for all", response_type="in_channel")

    assert [(n.to, n.text) for n in workspace.ephemerals] == [("U0ANA", "for you")]
    assert [m["text"] for m in workspace.messages("alerts")] == ["for all"]


async def test_it_answers_five_times(workspace: Workspace, http: Http) -> None:
    url = url_for(workspace)
    answers = [(await say(http, url, text=str(n)))[0] for n in range(6)]

    assert answers == [200] * 5 + [404]


async def test_it_answers_no_longer_than_half_an_hour(opened: Opened, http: Http) -> None:
    workspace = await opened(timing=Timing(response_url=0.01))
    url = url_for(workspace)
    await asyncio.sleep(0.02)

    status, text = await say(http, url, text="late")

    assert status == 404
    assert "expired_url" in text


async def test_the_clicked_message_is_replaced_or_deleted(
    workspace: Workspace, client: Client, http: Http
) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="approve?")
    url = url_for(workspace, {"ts": posted["ts"]})
    await say(http, url, text="approved", replace_original=True)

    assert workspace.message("alerts", posted["ts"])["text"] == "approved"
    await say(http, url, delete_original=True)
    assert workspace.messages("alerts") == []


async def test_the_clicked_ephemeral_message_is_replaced_or_deleted(
    workspace: Workspace, client: Client, http: Http
) -> None:
    note = await client.chat_postEphemeral(
        channel="C0ALERTS", user="U0ANA", text="sure?", blocks=[{"type": "divider"}]
    )
    url = url_for(workspace, {"ts": note["message_ts"], "is_ephemeral": True})
    await say(http, url, text="done", replace_original=True)

    assert [n.text for n in workspace.ephemerals] == ["done"]
    assert "blocks" not in workspace.ephemerals[0].message
    await say(http, url, delete_original=True)
    assert workspace.ephemerals == []


@pytest.mark.parametrize("said", [{}, {"text": "x", "blocks": [{"type": "hologram"}]}])
async def test_a_bad_answer_is_refused(
    workspace: Workspace, http: Http, said: dict[str, Any]
) -> None:
    status, _ = await say(http, url_for(workspace), **said)

    assert status == 400
    assert workspace.ephemerals == []


async def test_an_answer_stays_in_a_thread_only_if_it_says_so(
    workspace: Workspace, client: Client, http: Http
) -> None:
    root = await client.chat_postMessage(channel="C0ALERTS", text="root")
    reply = await client.chat_postMessage(channel="C0ALERTS", text="?", thread_ts=root["ts"])
    url = url_for(workspace, {"ts": reply["ts"]})
    said = {"response_type": "in_channel", "replace_original": False}
    await say(http, url, text="astray", **said)
    await say(http, url, text="in here", **said, thread_ts=root["ts"])

    assert [m["text"] for m in workspace.messages("alerts")] == ["root", "astray"]
    assert [m["text"] for m in workspace.thread("alerts", root["ts"])] == ["root", "?", "in here"]


async def test_an_answer_for_the_channel_overwrites_what_was_clicked(
    workspace: Workspace, client: Client, http: Http
) -> None:
    posted = await client.chat_postMessage(channel="C0ALERTS", text="approve?")
    url = url_for(workspace, {"ts": posted["ts"]})
    await say(http, url, text="for all", response_type="in_channel")

    assert [m["text"] for m in workspace.messages("alerts")] == ["for all"]
