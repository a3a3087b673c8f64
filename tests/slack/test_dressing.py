"""A workspace that does not know the newest blocks is told all the same, and tastes are obeyed."""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.rehearsal.workspace import Workspace
from bot.slack.cards.style import CardsSettings
from bot.slack.dressing import Dress
from bot.slack.letters import Kind, Post, Priority
from bot.slack.posting import Poster
from bot.slack.sending import Sender
from bot.store.outbox import Outbox
from tests.slack.house import FAST
from tests.slack.rows import idle

TASK = {"type": "task_card", "task_id": "step-1", "title": "restart shop", "status": "in_progress"}
PLAN: list[dict[str, Any]] = [{"type": "plan", "title": "Restart shop", "tasks": [TASK]}]


async def want(outbox: Outbox, slot: str, blocks: list[dict[str, Any]]) -> None:
    post = Post(text="🔧 Progress of run-1", blocks=tuple(blocks)).model_dump_json()
    kind, priority = Kind.MESSAGE, Priority.PROGRESS
    await outbox.want(slot, "C0ALERTS", None, kind, priority, post, Clock().now())


async def sent(
    workspace: Workspace, outbox: Outbox, style: CardsSettings | None, *slots: str
) -> list[dict[str, Any]]:
    async with aiohttp.ClientSession() as session:
        url = workspace.api_url
        client = AsyncWebClient("xoxb-local", url, session=session, retry_handlers=[])
        poster = Poster(outbox, Sender(client, "U0HEAL", None, Dress(style)), Clock(), FAST)
        await poster.start()
        for slot in slots:
            await want(outbox, slot, PLAN)
            poster.wake()
            await idle(outbox)
        await poster.close()
    return list(workspace.messages("alerts"))


async def test_a_plan_that_slack_does_not_know_is_said_in_lines_once_and_for_all(
    workspace: Workspace, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    workspace.fail_next("chat.postMessage", "invalid_blocks")
    with caplog.at_level(logging.WARNING, "bot.slack.dressing"):
        first, second = await sent(workspace, outbox, None, "inc-1/progress", "inc-2/progress")
    text = "*Restart shop*\n🔧 restart shop – in progress"

    assert [one["blocks"][0]["text"]["text"] for one in (first, second)] == [text, text]
    assert len(workspace.called("chat.postMessage")) == 3, "the second is not refused first"
    assert len([one for one in caplog.records if "HEAL_CARDS_PROGRESS" in one.message]) == 1


async def test_a_plan_that_is_wrong_where_plans_are_wanted_is_refused_and_not_said_otherwise(
    workspace: Workspace, outbox: Outbox
) -> None:
    workspace.fail_next("chat.postMessage", "invalid_blocks")
    dress = Dress(CardsSettings(progress="plan"))

    assert not dress.simpler(Post(text="x", blocks=tuple(PLAN)), "invalid_blocks: at /blocks/0")
    assert not Dress().simpler(Post(text="x"), "invalid_blocks"), "no new block is in it"
    assert not Dress().simpler(Post(text="x", blocks=tuple(PLAN)), "channel_not_found")


async def test_the_text_of_a_message_says_what_its_blocks_say(
    workspace: Workspace, outbox: Outbox
) -> None:
    (message,) = await sent(workspace, outbox, None, "inc-1/progress")

    assert message["text"] == (
        "🔧 Progress of run-1\nRestart shop\nrestart shop – in progress"
    )  # fmt: skip


async def test_own_settings_are_obeyed_by_what_is_sent(
    workspace: Workspace, outbox: Outbox
) -> None:
    style = CardsSettings(emoji="off", progress="sections")
    (message,) = await sent(workspace, outbox, style, "inc-1/progress")

    assert message["text"].startswith("Progress of run-1\n")
    assert message["blocks"][0]["text"]["text"] == "*Restart shop*\nrestart shop – in progress"
