"""What is wanted stands in Slack in the end: in order, and never faster than Slack allows."""

from __future__ import annotations

import asyncio

import pytest

from bot.rehearsal.workspace import Workspace
from bot.slack.letters import Priority
from bot.slack.pacing import Pace
from bot.store.outbox import Outbox
from tests.slack.house import FAST
from tests.slack.rows import Start, idle, texts, want


async def test_a_message_is_posted_without_unfurling_and_known_by_its_slot(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    await want(outbox, "inc-1/card", "hello")
    await start()
    await idle(outbox)
    (call,) = workspace.called("chat.postMessage")
    metadata = {"event_type": "heal", "event_payload": {"slot": "inc-1/card", "version": 1}}

    assert (metadata, False) == (workspace.messages("alerts")[0]["metadata"],
                                 call.args["unfurl_links"])  # fmt: skip


async def test_the_last_state_wins_and_is_an_edit(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    await want(outbox, "inc-1/card", "first")
    poster = await start(FAST.model_copy(update={"between_edits": 0.2}))
    await idle(outbox)
    for number in range(100):
        await want(outbox, "inc-1/card", f"state {number}")
        poster.wake()
    await idle(outbox)

    assert (texts(workspace), len(workspace.called("chat.update")) < 20) == (["state 99"], True)


async def test_what_is_wanted_again_as_it_stands_is_not_sent(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    await want(outbox, "inc-1/card", "same")
    poster = await start()
    await idle(outbox)
    await want(outbox, "inc-1/card", "same")
    poster.wake()
    await asyncio.sleep(0.05)

    assert (
        len(workspace.called("chat.postMessage")), len(workspace.called("chat.update")),
    ) == (1, 0)  # fmt: skip


async def test_the_most_urgent_goes_first(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    for priority in reversed(Priority):
        await want(outbox, f"inc-{priority}/card", priority.name, priority=priority)
    await start()
    await idle(outbox)

    assert [priority.name for priority in Priority] == texts(workspace)


@pytest.mark.parametrize("before", [[], [""]], ids=["before it reads", "since it has read"])
async def test_who_may_have_lost_its_place_says_nothing_until_it_knows_better(
    workspace: Workspace, outbox: Outbox, start: Start, doubts: list[str], before: list[str]
) -> None:
    await want(outbox, "inc-1/card", "by whoever woke up")
    doubts += [*before, "another replica may act"]
    await start(FAST.model_copy(update={"first_pause": 0.01}))
    await workspace.until(lambda: not doubts)
    await idle(outbox)

    assert texts(workspace) == ["by whoever woke up"]


async def test_what_is_about_to_be_said_anew_is_not_sent_and_holds_up_nothing_else(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    owed = {"inc-1/card"}
    await want(outbox, "inc-1/card", "as it was before the outage", priority=Priority.APPROVAL)
    await want(outbox, "inc-2/card", "true")
    poster = await start(owed=owed.__contains__)
    await workspace.until(lambda: texts(workspace))
    await want(outbox, "inc-1/card", "as it is now")
    owed.clear()
    poster.wake()
    await idle(outbox)

    assert texts(workspace) == ["true", "as it is now"]
    assert workspace.called("chat.update") == []


async def test_a_channel_gets_its_posts_at_its_pace(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    for number in range(6):
        await want(outbox, f"inc-{number}/card", str(number))
        await want(outbox, f"inc-{number}/card2", str(number), channel="C0INCIDENTS")
    pace = FAST.model_copy(update={"posts_per_second": 10, "post_burst": 2})
    await start(pace)
    await idle(outbox)
    at = [c.at for c in workspace.called("chat.postMessage") if c.args["channel"] == "C0ALERTS"]

    assert at[5] - at[0] >= 0.3


async def test_edits_of_the_whole_workspace_share_one_budget(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    pace = FAST.model_copy(update={"edits_per_minute": 45, "edit_burst": 5})
    poster = await start(pace)
    for number in range(8):
        await want(outbox, f"inc-{number}/card", "first")
    await idle(outbox)
    for number in range(8):
        await want(outbox, f"inc-{number}/card", "second")
    poster.wake()
    await workspace.until(lambda: len(workspace.called("chat.update")) >= 5)
    await asyncio.sleep(0.3)

    assert len(workspace.called("chat.update")) == 5


async def test_the_edit_of_an_approval_is_before_the_edit_of_progress(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    poster = await start(FAST.model_copy(update={"edits_per_minute": 2, "edit_burst": 1}))
    await want(outbox, "inc-1/progress", "a", priority=Priority.PROGRESS)
    await want(outbox, "inc-1/card", "b", priority=Priority.APPROVAL)
    poster.wake()
    await idle(outbox)
    await want(outbox, "inc-1/progress", "a2", priority=Priority.PROGRESS)
    await want(outbox, "inc-1/card", "b2", priority=Priority.APPROVAL)
    poster.wake()
    await workspace.until(lambda: workspace.called("chat.update"))
    await asyncio.sleep(0.05)

    assert [call.args["text"] for call in workspace.called("chat.update")] == ["b2"]


async def test_d04_429_is_honoured_and_nothing_is_lost(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.fail_next("chat.postMessage", 429, retry_after=1)
    await want(outbox, "inc-1/card", "one")
    await want(outbox, "inc-2/card", "two")
    await start()
    await idle(outbox)
    first, second, *_ = [call.at for call in workspace.called("chat.postMessage")]

    assert (sorted(texts(workspace)), second - first >= 1) == (["one", "two"], True)


async def test_a_thread_waits_for_its_root(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    poster = await start()
    await want(outbox, "inc-1/note/x", "reply", thread="inc-1/card", priority=Priority.APPROVAL)
    poster.wake()
    await asyncio.sleep(0.05)
    alone = list(texts(workspace))
    await want(outbox, "inc-1/card", "root")
    poster.wake()
    await idle(outbox)
    root = workspace.messages("alerts")[0]["ts"]

    assert (
        alone, [message["text"] for message in workspace.thread("alerts", root)],
    ) == ([], ["root", "reply"])  # fmt: skip


async def test_at_its_own_pace_slack_never_has_to_say_slow_down(
    outbox: Outbox, start: Start
) -> None:
    async with Workspace.open() as strict:
        poster = await start(Pace(), strict.api_url)
        for number in range(4):
            await want(outbox, f"inc-{number}/card", "first")
        poster.wake()
        await idle(outbox)
        for number in range(4):
            await want(outbox, f"inc-{number}/card", "second")
        poster.wake()
        await idle(outbox)

        assert texts(strict) == ["second"] * 4
        assert [call for call in strict.calls if call.error] == []


async def test_a_method_that_was_told_to_wait_holds_up_no_other(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    await want(outbox, "inc-1/card", "first")
    poster = await start()
    await idle(outbox)
    workspace.fail_next("chat.update", 429, retry_after=60)
    await want(outbox, "inc-1/card", "edited")
    poster.wake()
    await workspace.until(lambda: workspace.called("chat.update"))
    await want(outbox, "inc-2/card", "posted meanwhile")
    poster.wake()
    await workspace.until(lambda: len(texts(workspace)) == 2)
    await asyncio.sleep(0.1)

    assert len(workspace.called("chat.update")) == 1


async def test_after_a_failure_the_pauses_are_not_all_of_the_same_length(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.fail_next("chat.postMessage", 503, times=5)
    for number in range(5):
        await want(outbox, f"inc-{number}/card", "late", channel="C0ALERTS")
    await start(FAST.model_copy(update={"first_pause": 60, "longest_pause": 60}))
    await workspace.until(lambda: len(workspace.called("chat.postMessage")) == 5)
    async with asyncio.timeout(180):
        rows = await outbox.due()
        while not all(row.not_before for row in rows):
            await asyncio.sleep(0.005)
            rows = await outbox.due()
    failed = [call.at for call in workspace.called("chat.postMessage")]
    spread = sorted(row.not_before.timestamp() for row in rows if row.not_before)

    assert spread[-1] - spread[0] > 2 * (failed[-1] - failed[0])


async def test_a_question_is_posted_at_once_while_news_wait_for_their_pace(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    for number in range(2):
        await want(outbox, f"inc-{number}/card", f"news {number}")
    pace = FAST.model_copy(update={"posts_per_second": 0.1, "post_burst": 3})
    poster = await start(pace)
    await workspace.until(lambda: texts(workspace))
    await asyncio.sleep(0.2)
    for number in range(2):
        await want(outbox, f"ask-{number}/card", f"question {number}", priority=Priority.APPROVAL)
    poster.wake()
    await workspace.until(lambda: len(texts(workspace)) == 3)

    assert texts(workspace) == ["news 0", "question 0", "question 1"]
