"""The page of the local workspace in a real Chromium, driven over the plain WebDriver protocol."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.rehearsal.workspace import Workspace
from bot.slack import reading

ABSENT = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(ABSENT), reason=f"not run: no {''.join(ABSENT[:1])}"),
]

HOSTILE = "<img src=x onerror=alert(1)>"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER = "\ue007"
FLAGS = (
    "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking "
    "disable-component-update disable-sync window-size=1280,800"
)
TEXT_OF = "return document.querySelector(arguments[0])?.innerText"
SHOWS = f"{TEXT_OF}?.includes(arguments[1])"
STRANGE = "return document.querySelectorAll('#app img, #app [href^=java]').length"
VALUE_OF = "return document.querySelector(arguments[0]).value"


@dataclass(frozen=True)
class Browser:
    """One window; selectors are CSS."""

    driver: httpx.AsyncClient

    async def ask(self, path: str, **body: Any) -> Any:
        answer = await self.driver.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    async def run(self, script: str, *arguments: Any) -> Any:
        return await self.ask("execute/sync", script=script, args=arguments)

    async def until(self, script: str, *arguments: Any) -> Any:
        """The first truthy value of a script, within half a minute."""
        async with asyncio.timeout(30):
            while not (seen := await self.run(script, *arguments)):
                await asyncio.sleep(0.02)
        return seen

    async def shows(self, selector: str, words: str) -> None:
        await self.until(SHOWS, selector, words)

    async def click(self, selector: str) -> None:
        await self.ask(f"element/{await self._find(selector)}/click")

    async def type(self, selector: str, words: str) -> None:
        await self.ask(f"element/{await self._find(selector)}/value", text=words)

    async def _find(self, selector: str) -> str:
        await self.until("return document.querySelector(arguments[0])", selector)
        found = await self.ask("element", using="css selector", value=selector)
        return str(found[ELEMENT])


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    program, port = await _driver()
    try:
        async with httpx.AsyncClient(timeout=20, trust_env=False) as driver:
            asked = _capabilities(tmp_path)
            answer = await driver.post(f"http://127.0.0.1:{port}/session", json=asked)
            session = f"http://127.0.0.1:{port}/session/{answer.json()['value']['sessionId']}/"
            driver.base_url = httpx.URL(session)
            yield Browser(driver)
            await driver.delete(session.rstrip("/"))
    finally:
        program.terminate()
        await program.communicate()


async def _driver() -> tuple[asyncio.subprocess.Process, int]:
    """It picks a port on IPv4 and ends when another program has that one on IPv6: start again."""
    for _ in range(5):
        program = await asyncio.create_subprocess_exec(
            "chromedriver", "--port=0", stdout=asyncio.subprocess.PIPE
        )
        assert program.stdout is not None
        async with asyncio.timeout(30):
            while line := await program.stdout.readline():
                if found := re.search(rb"successfully on port (\d+)", line):
                    return program, int(found[1])
        await program.wait()
    raise AssertionError("chromedriver ended five times before it listened")


def _capabilities(home: Path) -> dict[str, Any]:
    flags = [f"--{flag}" for flag in FLAGS.split()] + [f"--user-data-dir={home}"]
    options = {"binary": shutil.which("chromium"), "args": flags}
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
    return {"capabilities": {"alwaysMatch": {"unhandledPromptBehavior": "ignore", **wanted}}}


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

    assert [reading.SIGNS[name].name for name in given] == ["APPROVE", "PAUSE", "SKIP"]


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
