"""Membership is what Slack says at this moment, and no answer is no guess."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import Clock
from bot.core.errors import PermanentError, TemporaryError
from bot.rehearsal.workspace import Workspace
from bot.slack.people import People
from tests.fakes import FakeClock


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


@pytest.mark.parametrize("field", ["is_restricted", "is_ultra_restricted", "is_stranger"])
async def test_a_guest_in_a_group_does_not_count(
    workspace: Workspace, people: People, field: str
) -> None:
    workspace.world.guests["U0ANA"] = field

    assert {"U0ANDRE"} == await people.members(["approvers"])


@pytest.mark.parametrize("method", ["usergroups.list", "usergroups.users.list", "users.info"])
async def test_a_question_that_fails_is_no_answer(
    workspace: Workspace, people: People, method: str
) -> None:
    workspace.fail_next(method, 429, times=9, retry_after=70)

    with pytest.raises(TemporaryError) as caught:
        await people.members(["approvers"])

    assert round(caught.value.retry_after) == 70


async def test_an_unknown_group_has_nobody_who_may(people: People) -> None:
    for name in ("nobody", "S0NOBODY"):
        with pytest.raises(PermanentError, match=f"knows no user group '{name}'"):
            await people.members([name])


async def test_an_answer_of_lately_serves_only_who_says_that_it_may(
    workspace: Workspace, people: People
) -> None:
    await people.members(["approvers"])
    await workspace.set_group("approvers", ["ana"])
    lately = await people.members(["approvers"], within=60)
    now = await people.members(["approvers"])

    assert [sorted(lately), sorted(now)] == [["U0ANA", "U0ANDRE"], ["U0ANA"]]
    assert await people.members(["approvers"], within=60) == {"U0ANA"}


async def test_an_answer_that_is_too_old_is_asked_for_anew() -> None:
    slack, clock = Slack(), FakeClock()
    people = People(slack, clock)
    await people.members(["S0X"])
    slack.members = ["U0ANA"]
    clock.advance(60)

    assert await people.members(["S0X"], within=60) == {"U0ANA"}


async def test_handles_are_asked_for_once_a_minute(workspace: Workspace, people: People) -> None:
    for _ in range(3):
        await people.members(["approvers"])

    assert (
        len(workspace.called("usergroups.list")), len(workspace.called("usergroups.users.list")),
    ) == (1, 3)  # fmt: skip


class Slack(AsyncWebClient):
    """Says who is in the group at the moment at which it was asked, when it is let."""

    def __init__(self) -> None:
        super().__init__("xoxb-none")
        self.members = ["U0ANDRE"]
        self.asked = 0
        self.errors: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def usergroups_users_list(self, **_: Any) -> Any:
        self.asked += 1
        found = {"users": list(self.members)}
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop()
        return found

    async def users_info(self, **_: Any) -> Any:
        return {"user": {}}


def limited(seconds: int) -> SlackApiError:
    """Slack's answer to what came too fast."""
    told = AsyncSlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, status_code=429,
        data={"ok": False, "error": "ratelimited"}, headers={"Retry-After": str(seconds)},
    )  # fmt: skip
    return SlackApiError("too fast", told)  # type: ignore[no-untyped-call]


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_many_votes_at_once_share_the_answer_and_none_gets_one_from_before_it_asked() -> None:
    slack = Slack()
    people = People(slack, FakeClock())
    slack.gate.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(people.members(["S0APPROVERS"]))
        await turns()
        slack.members = ["U0ANA"]
        others = [group.create_task(people.members(["S0APPROVERS"])) for _ in range(30)]
        await turns()
        slack.gate.set()

    assert first.result() == {"U0ANDRE"}
    assert {one.result() for one in others} == {frozenset({"U0ANA"})}
    assert slack.asked == 2


async def test_a_failure_is_the_answer_for_all_who_waited_for_it_and_for_nobody_after() -> None:
    slack = Slack()
    people = People(slack, FakeClock())
    slack.errors = [aiohttp.ServerDisconnectedError(), aiohttp.ServerDisconnectedError()]
    slack.gate.clear()
    asking = asyncio.gather(
        *(people.members(["S0APPROVERS"]) for _ in range(9)), return_exceptions=True
    )
    await turns()
    slack.gate.set()

    assert [type(one) for one in await asking] == [TemporaryError] * 9
    assert slack.asked == 2
    assert await people.members(["S0APPROVERS"]) == {"U0ANDRE"}


async def test_slack_is_asked_no_faster_than_it_likes_and_everybody_gets_an_answer() -> None:
    slack, clock = Slack(), FakeClock()
    people = People(slack, clock)
    async with asyncio.TaskGroup() as group:
        votes = []
        for _ in range(60):
            votes.append(group.create_task(people.members(["S0APPROVERS"])))
            await turns()
            clock.advance(1)
        await turns()
        asked = slack.asked
        clock.advance(4)

    assert 15 < asked <= 20, "in one minute, as Slack says"
    assert {one.result() for one in votes} == {frozenset({"U0ANDRE"})}


async def test_a_vote_waits_for_a_slack_that_wants_to_be_asked_a_little_later() -> None:
    slack, clock = Slack(), FakeClock()
    people = People(slack, clock)
    slack.errors = [limited(9)]
    async with asyncio.TaskGroup() as group:
        vote = group.create_task(people.members(["S0APPROVERS"]))
        await turns()
        clock.advance(8)
        await turns()
        assert not vote.done()
        clock.advance(1)

    assert vote.result() == {"U0ANDRE"}
    assert slack.asked == 2


async def test_who_would_wait_for_long_is_told_at_once_how_long_and_slack_is_left_alone() -> None:
    slack, clock = Slack(), FakeClock()
    people = People(slack, clock)
    slack.errors = [limited(60)]
    for passed in (60, 20):
        with pytest.raises(TemporaryError, match=f"asked again in {passed} s") as caught:
            await people.members(["S0APPROVERS"])
        assert caught.value.retry_after == passed
        clock.advance(40)

    assert slack.asked == 1
    assert await people.members(["S0APPROVERS"]) == {"U0ANDRE"}


async def test_somebody_is_found_by_their_address_and_nobody_by_another(people: People) -> None:
    assert await people.by_email("ana@example.com") == "U0ANA"
    with pytest.raises(PermanentError, match=r"Slack knows nobody of 'bo@example\.com'"):
        await people.by_email("bo@example.com")


@pytest.mark.parametrize("field", ["is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"])
async def test_a_bot_or_guest_is_nobody_by_their_address_either(
    workspace: Workspace, people: People, field: str
) -> None:
    workspace.world.guests["U0ANA"] = field

    with pytest.raises(PermanentError, match=r"'ana@example\.com' in Slack is a bot, a guest"):
        await people.by_email("ana@example.com")


async def test_who_was_deactivated_is_nobody_by_their_address(
    workspace: Workspace, people: People
) -> None:
    await workspace.deactivate("ana")

    with pytest.raises(PermanentError, match="Slack knows nobody"):
        await people.by_email("ana@example.com")


async def test_an_address_is_not_guessed_while_slack_does_not_say(
    workspace: Workspace, people: People
) -> None:
    workspace.fail_next("users.lookupByEmail", 429, times=1, retry_after=70)
    with pytest.raises(TemporaryError) as caught:
        await people.by_email("ana@example.com")

    assert round(caught.value.retry_after) == 70
    assert await people.by_email("ana@example.com") == "U0ANA"


async def test_an_address_is_believed_for_a_minute_as_a_profile_is(workspace: Workspace) -> None:
    clock = FakeClock()
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-local", workspace.api_url, session=session)
        client.retry_handlers = []
        people = People(client, clock)
        before = await people.by_email("ana@example.com")
        known = workspace.world.people
        known["U0ANA"] = replace(known["U0ANA"], email="gone@example.com")
        known["U0SAM"] = replace(known["U0SAM"], email="ana@example.com")
        clock.advance(59)
        lately = await people.by_email("ana@example.com")
        clock.advance(2)
        after = await people.by_email("ana@example.com")

    assert (before, lately, after) == ("U0ANA", "U0ANA", "U0SAM")
