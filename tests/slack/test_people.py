"""Membership is what Slack says at this moment, and no answer is no guess."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.core.errors import TemporaryError
from bot.rehearsal.workspace import Workspace
from bot.slack.people import People


@pytest.fixture
async def people(workspace: Workspace) -> AsyncIterator[People]:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-local", workspace.api_url, session=session)
        client.retry_handlers = []
        yield People(client, Clock())


async def test_groups_are_named_by_handle_or_id(people: People) -> None:
    found = await people.members(["@approvers", "S0ONCALL"])

    assert {"U0ANDRE", "U0ANA", "U0OLIVIA"} == found


async def test_who_left_the_group_a_moment_ago_does_not_count(
    workspace: Workspace, people: People
) -> None:
    await people.members(["approvers"])
    await workspace.set_group("approvers", ["ana"])

    assert {"U0ANA"} == await people.members(["approvers"])


async def test_a_bot_in_a_group_does_not_count(workspace: Workspace, people: People) -> None:
    workspace.world.groups["S0APPROVERS"].append("U0HEAL")

    assert {"U0ANDRE", "U0ANA"} == await people.members(["approvers"])


async def test_who_was_deactivated_does_not_count(workspace: Workspace, people: People) -> None:
    await workspace.deactivate("ana")

    assert {"U0ANDRE"} == await people.members(["approvers"])


@pytest.mark.parametrize("method", ["usergroups.list", "usergroups.users.list", "users.info"])
async def test_a_question_that_fails_is_no_answer(
    workspace: Workspace, people: People, method: str
) -> None:
    workspace.fail_next(method, 429, times=9, retry_after=7)

    with pytest.raises(TemporaryError) as caught:
        await people.members(["approvers"])

    assert caught.value.retry_after == 7


async def test_an_unknown_group_has_nobody_who_may(people: People) -> None:
    with pytest.raises(TemporaryError, match="'nobody'"):
        await people.members(["nobody"])


async def test_handles_are_asked_for_once_a_minute(workspace: Workspace, people: People) -> None:
    for _ in range(3):
        await people.members(["approvers"])

    assert (
        len(workspace.called("usergroups.list")), len(workspace.called("usergroups.users.list")),
    ) == (1, 3)  # fmt: skip
