"""The Events API over HTTP, with the real Bolt behind aiohttp."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.rehearsal.workspace import NotAnswered, Timing
from tests.rehearsal.workspace.typed import ClientFor, Http, Opened

QUICK = Timing(ack=0.3, retries=(0, 0.01, 0.02))


@asynccontextmanager
async def serving(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """The URL of a server whose every post is answered so."""
    app = web.Application()
    app.router.add_post("/slack/events", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


def keeping(
    seen: list[tuple[Any, str]], *answers: web.Response
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Remembers headers and bodies; answers with these in turn."""

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.headers, await request.text()))
        return answers[min(len(seen), len(answers)) - 1]

    return answer


async def test_bolt_hears_answers_and_acts_over_http(
    opened: Opened, client_for: ClientFor, http: Http
) -> None:
    heard: list[str] = []
    bots: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        return await to_aiohttp_response(
            await bots[0].async_dispatch(await to_bolt_request(request))
        )

    async with serving(answer) as url:
        workspace = await opened(events_url=url)
        bot = AsyncApp(client=client_for(workspace), signing_secret="local-signing-secret")
        bots.append(bot)

        @bot.event("app_mention")
        async def mention(event: Any, say: Any) -> None:
            await say(text="on it", thread_ts=event["ts"])

        @bot.event("message")
        async def message(event: Any) -> None:
            heard.append(event["text"])

        @bot.command("/heal")
        async def heal(ack: Any, command: Any) -> None:
            await ack(f"you said {command['text']}")

        @bot.action("go")
        async def go(ack: Any, respond: Any) -> None:
            await ack()
            await respond("gone")

        said = await workspace.post("ana", "alerts", "<@U0HEAL> help")
        await workspace.until(lambda: len(workspace.thread("alerts", said["ts"])) == 2)
        answered = await workspace.command("ana", "alerts", "/heal", "payments")
        button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
        posted = await client_for(workspace).chat_postMessage(
            channel="C0ALERTS", text="?", blocks=[{"type": "actions", "elements": [button]}]
        )
        await workspace.click("ana", "alerts", posted["ts"], "go")
        await workspace.until(lambda: len(workspace.ephemerals) == 2)
        verified = await workspace.callbacks.verify() if workspace.callbacks else ""
        await workspace.settled()

    assert heard == ["<@U0HEAL> help"]
    assert answered == {"text": "you said payments"}
    assert [note.text for note in workspace.ephemerals] == ["you said payments", "gone"]
    assert verified == "local"


async def test_requests_are_signed_and_commands_are_forms(opened: Opened) -> None:
    seen: list[tuple[Any, str]] = []
    async with serving(keeping(seen, web.Response())) as url:
        workspace = await opened(events_url=url)
        await workspace.command("ana", "alerts", "/heal", "a & b")

    headers, body = seen[0]
    assert SignatureVerifier("local-signing-secret").is_valid_request(body, dict(headers))
    assert abs(time.time() - int(headers["X-Slack-Request-Timestamp"])) < 5
    assert parse_qs(body)["text"] == ["a & b"]


async def test_interactions_are_a_form_with_one_json_payload(opened: Opened) -> None:
    seen: list[tuple[Any, str]] = []
    async with serving(keeping(seen, web.Response())) as url:
        workspace = await opened(events_url=url)
        await workspace.global_shortcut("ana", "heal_global")

    payload = json.loads(parse_qs(seen[0][1])["payload"][0])
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "heal_global")


async def test_an_event_is_retried_with_its_number_and_reason(opened: Opened) -> None:
    seen: list[tuple[Any, str]] = []
    async with serving(keeping(seen, web.Response(status=500), web.Response())) as url:
        workspace = await opened(events_url=url, timing=QUICK)
        await workspace.post("ana", "alerts", "hello")
        await workspace.settled()

    retried = seen[1][0]
    assert len(seen) == 2
    assert "X-Slack-Retry-Num" not in seen[0][0]
    assert (retried["X-Slack-Retry-Num"], retried["X-Slack-Retry-Reason"]) == ("1", "http_error")


async def test_a_bot_may_ask_for_no_retry(opened: Opened) -> None:
    seen: list[tuple[Any, str]] = []
    refused = web.Response(status=500, headers={"X-Slack-No-Retry": "1"})
    async with serving(keeping(seen, refused)) as url:
        workspace = await opened(events_url=url, timing=QUICK)
        await workspace.post("ana", "alerts", "hello")
        await workspace.settled()

    assert len(seen) == 1
    assert len(workspace.deliveries.unacked) == 1


async def test_a_bot_that_is_away_is_connection_failed(opened: Opened) -> None:
    workspace = await opened(events_url="http://127.0.0.1:1/slack/events", timing=QUICK)

    with pytest.raises(NotAnswered, match="connection_failed"):
        await workspace.command("ana", "alerts", "/heal")


async def test_a_bot_that_is_slow_is_http_timeout(opened: Opened) -> None:
    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(0.2)
        return web.Response()

    async with serving(slow) as url:
        workspace = await opened(events_url=url, timing=Timing(ack=0.02))
        with pytest.raises(NotAnswered, match="http_timeout"):
            await workspace.command("ana", "alerts", "/heal")
