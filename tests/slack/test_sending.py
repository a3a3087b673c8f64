"""Whatever goes wrong on the way, a message stands in Slack once, and holds up no other."""

from __future__ import annotations

import pytest

from bot.rehearsal.workspace import Workspace
from bot.slack.letters import Priority
from bot.slack.sending import PAGE
from bot.store.outbox import Outbox
from tests.showcase import FakeExhibits
from tests.slack.house import FAST
from tests.slack.rows import Start, idle, texts, want, want_exhibit, want_file
from tests.store.showcases import GRAPH, drafted


async def test_d06_a_post_whose_answer_was_lost_is_not_posted_twice(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.lose_next("chat.postMessage")
    await want(outbox, "inc-1/card", "once")
    await start()
    await idle(outbox)

    assert (texts(workspace), len(workspace.called("chat.postMessage"))) == (["once"], 1)


async def test_a_post_whose_answer_was_lost_is_found_though_many_others_wrote_meanwhile(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.lose_next("chat.postMessage")
    await want(outbox, "inc-1/card", "once")
    first = await start(FAST.model_copy(update={"first_pause": 60, "longest_pause": 60}))
    await workspace.until(lambda: texts(workspace))
    await first.close()
    for number in range(PAGE + 20):
        await workspace.post("sam", "alerts", f"what is going on? {number}")
    await start()
    await idle(outbox)

    assert texts(workspace).count("once") == 1


async def test_what_an_earlier_life_posted_is_found_and_edited(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.lose_next("chat.postMessage")
    await want(outbox, "inc-1/card", "first life")
    first = await start()
    await workspace.until(lambda: texts(workspace))
    await first.close()
    await want(outbox, "inc-1/card", "second life")
    await start()
    await idle(outbox)

    assert texts(workspace) == ["second life"]


async def test_what_an_earlier_life_left_is_looked_for_at_once_for_all(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    for number in range(20):
        await want(outbox, f"inc-{number}/card", f"card {number}")
    await start()
    await idle(outbox)

    assert (len(texts(workspace)), len(workspace.called("conversations.history"))) == (20, 1)


async def test_a_place_that_cannot_be_read_just_now_is_not_posted_to_blindly(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.fail_next("conversations.history", 429, retry_after=1)
    await want(outbox, "inc-1/card", "later")
    await start()
    await workspace.until(lambda: workspace.called("conversations.history"))
    before = list(texts(workspace))
    await idle(outbox)

    assert (before, texts(workspace)) == ([], ["later"])


async def test_a_place_that_may_not_be_read_is_posted_to(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.fail_next("conversations.history", "missing_scope")
    await want(outbox, "inc-1/card", "twice is better than never")
    await start()
    await idle(outbox)

    assert texts(workspace) == ["twice is better than never"]


async def test_a_revoked_token_is_known_to_readiness(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    poster = await start()
    await workspace.revoke_token()
    await want(outbox, "inc-1/card", "unheard")
    poster.wake()
    await workspace.until(lambda: poster.silenced)

    assert len(await outbox.due()) == 1


async def test_the_same_words_of_another_app_are_not_taken_for_ours(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    forged = {"event_type": "heal", "event_payload": {"slot": "inc-1/card", "version": 1}}
    message = await workspace.post("sam", "alerts", "a trap")
    message["metadata"] = forged
    await want(outbox, "inc-1/card", "ours")
    await start()
    await idle(outbox)

    assert texts(workspace) == ["a trap", "ours"]


async def test_a_refused_row_is_noted_and_does_not_hold_up_others(
    workspace: Workspace, outbox: Outbox, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    workspace.fail_next("chat.postMessage", "invalid_blocks")
    await want(outbox, "inc-1/card", "bad", priority=Priority.APPROVAL)
    await want(outbox, "inc-2/card", "good")
    await start()
    await workspace.until(lambda: texts(workspace))
    (left,) = await outbox.due()

    assert (
        texts(workspace), left.last_error, "refused inc-1/card" in caplog.text,
    ) == (["good"], "invalid_blocks", True)  # fmt: skip


async def test_a_refused_row_is_tried_again_as_soon_as_it_says_something_else(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.fail_next("chat.postMessage", "invalid_blocks")
    await want(outbox, "inc-1/card", "bad")
    poster = await start()
    await workspace.until(lambda: workspace.called("chat.postMessage"))
    await want(outbox, "inc-1/card", "mended")
    poster.wake()
    await idle(outbox)

    assert texts(workspace) == ["mended"]


async def test_what_slack_refused_an_earlier_life_is_sent_at_once_by_the_next(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.fail_next("chat.postMessage", "token_revoked")
    await want(outbox, "inc-1/card", "once there is a new token")
    first = await start()
    await workspace.until(lambda: first.silenced)
    await first.close()
    await start()
    await idle(outbox)

    assert texts(workspace) == ["once there is a new token"]


async def test_a_deleted_message_is_posted_anew_with_its_thread(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    await want(outbox, "inc-1/card", "root")
    poster = await start()
    await idle(outbox)
    workspace.letters.delete("C0ALERTS", workspace.messages("alerts")[0]["ts"])
    await want(outbox, "inc-1/note/x", "reply", thread="inc-1/card")
    poster.wake()
    await idle(outbox)
    root = workspace.messages("alerts")[0]["ts"]

    assert [message["text"] for message in workspace.thread("alerts", root)] == ["root", "reply"]


async def test_a_slack_that_is_away_costs_time_only(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.fail_next("chat.postMessage", 503, times=2)
    await want(outbox, "inc-1/card", "late")
    await start()
    await idle(outbox)

    assert texts(workspace) == ["late"]


async def test_a_file_is_uploaded_once_whatever_is_wanted_later(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    await want(outbox, "inc-1/card", "root")
    await want_file(outbox, "inc-1/transcript", "first")
    poster = await start()
    await idle(outbox)
    await want_file(outbox, "inc-1/transcript", "second")
    poster.wake()
    await idle(outbox)

    assert [file.content for file in workspace.files.values()] == [b"first"]


async def test_an_upload_whose_answer_was_lost_is_found_in_the_thread(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.lose_next("files.completeUploadExternal")
    await want(outbox, "inc-1/card", "root")
    await want_file(outbox, "inc-1/transcript", "once")
    await start()
    await idle(outbox)

    assert sum(file.shared for file in workspace.files.values()) == 1


async def test_when_the_message_that_is_answered_was_deleted_the_channel_hears_it(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    root = await workspace.webhook("alerts", {"text": "[FIRING:1] Down shop"})
    workspace.letters.delete("C0ALERTS", root["ts"])
    await want(outbox, "inc-1/card", "may it run?", below=root["ts"])
    await want_file(outbox, "inc-1/transcript", "all of it", below=root["ts"])
    await start()
    await idle(outbox)

    assert texts(workspace)[0] == "may it run?"
    assert [file.about["name"] for file in workspace.files.values() if file.about["channels"]] == [
        "inc-1.md"
    ]


async def test_a_direct_message_whose_answer_was_lost_is_found_in_the_persons_channel(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.lose_next("chat.postMessage")
    await want(outbox, "inc-1/direct/1/U0ANA", "once", channel="U0ANA")
    await start()
    await idle(outbox)

    said = [message["text"] for message in workspace.world.top_level("D0ANA")]
    assert (said, len(workspace.called("chat.postMessage"))) == (["once"], 1)


async def test_what_an_incident_has_to_show_is_sent_from_where_it_is_kept(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    kept = FakeExhibits()
    drawn = drafted(GRAPH)
    await kept.keep([(drawn, GRAPH.octets)])
    await want(outbox, "inc-1/card", "card")
    await want_exhibit(outbox, "inc-1", GRAPH.said.name)
    await want_exhibit(outbox, "inc-1", "gone.png")
    await start(evidence=kept.evidence)
    await idle(outbox)
    sent = {one.about["name"]: one for one in workspace.world.files.values()}

    assert sent["inc-1-graph-errors.png"].content == GRAPH.octets
    assert sent["inc-1-graph-errors.png"].about["mimetype"] == "image/png"
    assert sent["inc-1-gone.png"].content == b"it is not here"
    assert all(one.shared for one in sent.values())
    asked = workspace.called("files.getUploadURLExternal")
    assert {call.args.get("alt_txt") for call in asked} == {"errors fall"}
