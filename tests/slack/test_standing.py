"""Whose message it is that somebody answers, also when its posting could not be noted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import TemporaryError
from bot.rehearsal.workspace import Workspace
from bot.slack import marking
from bot.slack.marking import Mark
from bot.slack.standing import Standing
from bot.store.outbox import Outbox
from tests.slack.rows import want

CARD, CHANNEL = "inc-1/card", "C0ALERTS"


@pytest.fixture
async def client(workspace: Workspace) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(
            "xoxb-local", workspace.api_url, session=session, retry_handlers=[]
        )  # fmt: skip


@pytest.fixture
def standing(outbox: Outbox, client: AsyncWebClient) -> Standing:
    return Standing(outbox, client, "U0HEAL")


async def posted(client: AsyncWebClient, slot: str = CARD, thread: str | None = None) -> str:
    """A message that Slack has, and of which the outbox was never told."""
    metadata = marking.metadata(Mark(slot, 1))
    said = await client.chat_postMessage(
        channel=CHANNEL, text="A plan", metadata=metadata, thread_ts=thread
    )
    return str(said["ts"])


async def test_what_was_posted_by_a_life_that_ended_just_then_is_known(
    outbox: Outbox, client: AsyncWebClient, standing: Standing
) -> None:
    await want(outbox, CARD, "A plan")
    ts = await posted(client)

    assert await outbox.find_by_ts(CHANNEL, ts) is None
    assert await standing.find_by_ts(CHANNEL, ts) == CARD


async def test_in_a_thread_it_is_known_as_well(
    workspace: Workspace, outbox: Outbox, client: AsyncWebClient, standing: Standing
) -> None:
    alert = await workspace.webhook("alerts", {"text": "it is down"})
    await want(outbox, CARD, "A plan", below=alert["ts"])
    await posted(client, "inc-2/card", alert["ts"])
    ts = await posted(client, CARD, alert["ts"])

    assert await standing.find_by_ts(CHANNEL, ts, alert["ts"]) == CARD


async def test_a_second_one_of_a_message_that_stands_elsewhere_is_not_it(
    outbox: Outbox, client: AsyncWebClient, standing: Standing
) -> None:
    await want(outbox, CARD, "A plan")
    await want(outbox, "inc-2/card", "A plan of which nobody knows where it stands")
    await outbox.sent(CARD, 1, await posted(client), CHANNEL)
    ts = await posted(client)

    assert await standing.find_by_ts(CHANNEL, ts) is None


async def test_what_somebody_else_wrote_is_never_ours(
    workspace: Workspace, outbox: Outbox, client: AsyncWebClient
) -> None:
    await want(outbox, CARD, "A plan")
    theirs = Standing(outbox, client, "U0SOMEBOT")
    ts = await posted(client)
    copy = await workspace.post("sam", "alerts", "A plan")

    assert [await theirs.find_by_ts(CHANNEL, one) for one in (ts, copy["ts"], "1.1")] == [None] * 3


async def test_where_nothing_is_in_doubt_slack_is_not_asked(
    workspace: Workspace, standing: Standing
) -> None:
    said = await workspace.post("sam", "alerts", "hello")

    assert await standing.find_by_ts(CHANNEL, said["ts"]) is None
    assert not workspace.called("conversations.history")


async def test_when_slack_does_not_say_nobody_guesses(
    workspace: Workspace, outbox: Outbox, client: AsyncWebClient, standing: Standing
) -> None:
    await want(outbox, CARD, "A plan")
    ts = await posted(client)
    workspace.fail_next("conversations.history", 500)

    with pytest.raises(TemporaryError, match="Slack did not answer"):
        await standing.find_by_ts(CHANNEL, ts)
    assert await standing.find_by_ts(CHANNEL, ts) == CARD
