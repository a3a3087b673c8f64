"""The page of the local workspace in a real Chromium, driven over the plain WebDriver protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.rehearsal.workspace import Workspace
from bot.slack.asked import SIGNS
from tests.rehearsal import browsers
from tests.rehearsal.browsers import TEXT_OF, Browser

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(browsers.ABSENT), reason=f"not run: no {''.join(browsers.ABSENT[:1])}"),
]

HOSTILE = "<img src=x onerror=alert(1)>"
ENTER = "\ue007"
STRANGE = "return document.querySelectorAll('#app img, #app [href^=java]').length"
VALUE_OF = "return document.querySelector(arguments[0]).value"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browsers.opened(tmp_path) as opened:
        yield opened


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace.open(burst=100, updates_per_minute=1000) as opened:
        yield opened


@pytest.fixture
async def bot(workspace: Workspace) -> AsyncIterator[AsyncApp]:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-local", base_url=workspace.api_url, session=session)
        yield AsyncApp(client=client, signing_secret="local-signing-secret")


@asynccontextmanager
async def connected(bot: AsyncApp) -> AsyncIterator[None]:
    line = AsyncSocketModeHandler(bot, "xapp-local")
    try:
        await line.connect_async()  # type: ignore[no-untyped-call]
        yield
    finally:
        await line.close_async()  # type: ignore[no-untyped-call]


def card(words: str, *elements: dict[str, Any]) -> list[dict[str, Any]]:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": words}}
    return [section, *([{"type": "actions", "elements": [*elements]}] if elements else [])]


async def test_hostile_text_is_shown_as_text_wherever_it_stands(
    workspace: Workspace, bot: AsyncApp, browser: Browser
) -> None:
    attached = {"title": HOSTILE, "text": f"*{HOSTILE}*", "fields": [{"title": HOSTILE}]}
    await workspace.webhook("alerts", {"username": HOSTILE, "attachments": [attached]})
    await workspace.webhook("alerts", {"text": f"<javascript:alert(1)|click> `{HOSTILE}`"})
    await bot.client.chat_postMessage(channel="C0ALERTS", text="x", blocks=card(HOSTILE))

    await browser.ask("url", url=workspace.url)
    await browser.shows("#main-list .message:last-child", HOSTILE)
    shown = await browser.run(TEXT_OF, "#main-list")
    made = await browser.run(STRANGE)
    complaints = await browser.ask("se/log", type="browser")

    assert shown.count(HOSTILE) == 6
    assert made == 0
    assert complaints == []


async def test_a_click_reaches_the_bot_and_the_card_changes_in_place(
    workspace: Workspace, bot: AsyncApp, browser: Browser
) -> None:
    @bot.action("approve")
    async def approve(ack: Any, body: Any, client: Any) -> None:
        await ack()
        channel, ts, person = body["channel"]["id"], body["message"]["ts"], body["user"]["id"]
        done = card(f"approved by <@{person}>")
        await client.chat_update(channel=channel, ts=ts, text="done", blocks=done)
        await client.chat_postMessage(channel=channel, thread_ts=ts, text="on my way")

    words = {"type": "plain_text", "text": "Approve"}
    button = {"type": "button", "action_id": "approve", "text": words, "value": "plan-1"}
    asked = card("*shall I?*", button)
    await bot.client.chat_postMessage(channel="C0ALERTS", text="shall I?", blocks=asked)

    async with connected(bot):
        await browser.ask("url", url=workspace.url)
        await browser.click(".person:nth-child(2)")
        await browser.shows(".person[aria-pressed=true]", "André")
        await browser.run("window.card = document.querySelector('.message')")
        await browser.click("[data-action=approve]")
        await browser.shows("#main-list .message", "approved by @André Silva")
        await browser.shows("#thread-list .message:last-child", "on my way")

    assert await browser.run("return window.card === document.querySelector('.message')")


async def test_what_a_person_types_is_sent_and_a_command_in_a_thread_is_refused_beneath(
    workspace: Workspace, browser: Browser
) -> None:
    await browser.ask("url", url=workspace.url)
    await browser.shows(".empty", "Quiet.")
    await browser.type("#main-text", f"payments is down & {HOSTILE}{ENTER}")
    await browser.shows("#main-list .message", HOSTILE)
    said = workspace.messages("alerts")[0]
    await browser.run("location.hash = `#/alerts/${arguments[0]}`", said["ts"])
    await browser.type("#thread-text", f"/heal status{ENTER}")
    await browser.shows("#thread-composer .error", "do not work in threads")

    assert said["text"] == "payments is down &amp; &lt;img src=x onerror=alert(1)&gt;"
    assert await browser.run(VALUE_OF, "#thread-text") == "/heal status"


async def test_each_sign_that_answers_a_card_can_be_given_as_a_reaction(
    workspace: Workspace, bot: AsyncApp, browser: Browser
) -> None:
    await bot.client.chat_postMessage(channel="C0ALERTS", text="shall I?", blocks=card("shall I?"))
    await browser.ask("url", url=workspace.url)
    await browser.shows("#main-list .message", "shall I?")
    for place, name in enumerate(("white check mark", "pause button", "x")):
        button = f'#main-list [aria-label="React with {name}"]'
        await browser.run("document.querySelector(arguments[0]).click()", button)
        await browser.until("return document.querySelectorAll('.reaction')[arguments[0]]", place)
    given = [one["name"] for one in workspace.messages("alerts")[0]["reactions"]]

    assert [SIGNS[name].name for name in given] == ["APPROVE", "PAUSE", "SKIP"]


async def test_slack_can_be_sent_away_from_the_page(
    workspace: Workspace, bot: AsyncApp, browser: Browser
) -> None:
    async with connected(bot):
        await browser.ask("url", url=workspace.url)
        await browser.shows(".connection", "bot connected")
        await browser.click("[data-fate=away]")
        await browser.shows(".connection", "Slack is away")
        await browser.shows("[data-fate=away]:disabled", "Slack is away…")
        await workspace.come_back()
        await browser.shows("[data-fate=away]", "Slack away for 30 s")
