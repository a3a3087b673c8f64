"""The sixteen traps of Bolt and of Slack's SDK, each with what shows that Heal does not step in.

Read `TRAPS` from 1 to 16; the tests that stand nowhere else follow it in the same order. Nothing
is pretended: a local workspace is spoken to over HTTP and WebSockets.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.rehearsal.workspace import NotAnswered, Workspace
from bot.rehearsal.workspace.lines import Attempt, Kind, Line
from bot.slack.connection import Connection, open_bolt
from bot.store.outbox import Outbox
from tests import test_requirements
from tests.slack import house as houses
from tests.slack.house import House
from tests.slack.rows import Start, idle, texts, want


class Trap(NamedTuple):
    """What goes wrong without care, and the tests that show the care: `file::name`."""

    what: str
    shown_by: tuple[str, ...]


HERE = "slack/test_traps.py"
CONNECTION, STOPPING = "slack/test_connection.py", "journeys/test_stopping.py"
WATCH = "slack/alerts/test_watch.py"
TRAPS = {
    1: Trap(
        "an exception soon after ack() loses the acknowledgement",
        (f"{HERE}::test_what_breaks_at_once_loses_no_acknowledgement",),
    ),
    2: Trap(
        "events without a listener are not acknowledged, and Slack turns the subscription off",
        (f"{HERE}::test_what_nobody_here_understands_is_acknowledged_the_first_time",),
    ),
    3: Trap(
        "auth.test fails at an event: it is acknowledged, and its listener never runs",
        (f"{HERE}::test_slack_is_asked_who_we_are_once_and_not_at_an_event",),
    ),
    4: Trap(
        "a bad app-level token is tried for ever",
        (f"{CONNECTION}::test_a_bad_token_stops_the_start_and_says_where_to_get_one",),
    ),
    5: Trap(
        "a refused WebSocket is tried again with the URL that was used",
        (f"{CONNECTION}::test_a_refused_handshake_is_tried_again_with_a_fresh_url",),
    ),
    6: Trap(
        "between two sockets nothing is heard",
        (f"{CONNECTION}::test_a_line_that_breaks_is_opened_again",
         f"{CONNECTION}::test_a_refresh_of_slack_changes_the_line",
         f"{HERE}::test_an_event_of_the_gap_between_two_sockets_is_dealt_with_once",
         f"{HERE}::test_a_click_of_the_gap_is_a_plain_failure_and_can_be_done_again"),
    ),
    7: Trap(
        "429 under concurrency: retries in each call serve nobody",
        ("slack/test_posting.py::test_d04_429_is_honoured_and_nothing_is_lost",
         "slack/test_posting.py::test_a_channel_gets_its_posts_at_its_pace",
         f"{HERE}::test_many_posts_at_once_into_a_busy_channel_all_stand_there_once"),
    ),
    8: Trap(
        "every call opens a connection of its own",
        (f"{HERE}::test_all_calls_share_a_connection",),
    ),
    9: Trap(
        "as many handlers run at once as there are messages",
        (f"{HERE}::test_a_flood_is_acknowledged_at_once_and_worked_on_by_a_few",),
    ),
    10: Trap(
        "what a lazy listener raises is heard by nobody",
        (f"{HERE}::test_bolt_has_no_listener_of_ours_lazy_or_not",
         "slack/test_desk.py::test_a_bug_is_told_to_the_person_and_noted_in_the_inbox",
         "test_tasks.py::test_a_failure_is_logged_with_the_name_of_its_task"),
    ),
    11: Trap(
        "SIGTERM cuts handlers off, or closes nothing",
        (f"{STOPPING}::test_a_bot_that_waits_for_people_stops_and_its_question_stays_open",
         f"{STOPPING}::test_e03_a_bot_that_verifies_stops_and_nothing_is_done_twice_in_its_next_life",
         f"{CONNECTION}::test_closing_answers_what_was_read_already"),
    ),
    12: Trap(
        "a Socket Mode client that is made outside of the running loop",
        (f"{HERE}::test_the_line_belongs_to_the_loop_that_opens_it",),
    ),
    13: Trap(
        "Bolt acknowledges before the work: an event is done at most once",
        ("slack/test_listeners.py::test_what_cannot_be_kept_is_not_acknowledged",
         "slack/test_listeners.py::test_an_item_that_an_earlier_life_left_is_dealt_with",
         "slack/test_listeners.py::test_an_event_that_slack_sends_again_is_handled_once",
         f"{HERE}::test_a_mention_that_comes_as_two_events_is_one"),
    ),
    14: Trap(
        "what is posted with our own token is dropped unseen",
        ("slack/alerts/test_senders.py::test_everybody_else_is_not_heard",
         "doctor/test_alert_channels.py::test_who_is_heard_is_told_with_who_is_not",
         f"{HERE}::test_what_we_post_ourselves_comes_back_and_does_nothing"),
    ),
    15: Trap(
        "subtypes: app.message() hears some, an edit is another event, the first match wins",
        (f"{HERE}::test_an_edit_gives_no_order",
         "slack/alerts/test_senders.py::test_a_webhook_and_an_app_with_a_token_are_both_known",
         f"{WATCH}::test_an_edit_ends_and_never_begins",
         f"{WATCH}::test_a_message_that_is_deleted_does_nothing"),
    ),
    16: Trap(
        "nobody holds the tasks that handle an event: the collector may take them",
        ("test_tasks.py::test_a_running_task_survives_the_collector_without_another_reference",
         f"{HERE}::test_the_collector_takes_nothing_that_is_under_way",
         f"{CONNECTION}::test_closing_leaves_no_task_behind"),
    ),
}  # fmt: skip


def test_the_traps_are_sixteen() -> None:
    assert list(TRAPS) == list(range(1, 17))


@pytest.mark.parametrize("number", TRAPS)
def test_a_trap_is_shown_to_be_avoided_by_tests_that_exist(number: int) -> None:
    trap = TRAPS[number]

    assert trap.shown_by, trap.what
    assert [by for by in trap.shown_by if not test_requirements.shown(by)] == []


@pytest.fixture(params=["socket", "http"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """The room in Socket Mode, then in HTTP mode."""
    box: list[House] = []
    by_http = request.param == "http"
    async with (
        houses.mounted(box) as url,
        Workspace.open(burst=1000, events_url=url if by_http else None) as workspace,
        houses.opened(workspace, tmp_path, socket=not by_http) as opened,
    ):
        box.append(opened)
        if not by_http:
            await workspace.until(lambda: workspace.connections)
        yield opened


def line(house: House) -> Line:
    return house.workspace.callbacks or house.workspace.sockets


# 1


async def test_what_breaks_at_once_loses_no_acknowledgement(either: House) -> None:
    either.requests.error = KeyError("surprise")
    for number in range(20):
        await either.workspace.command("olivia", "alerts", "/heal", f"stop {number} fires")
    await either.workspace.until(lambda: len(either.requests.calls) == 20)

    assert [delivery.acked for delivery in either.workspace.deliveries.log] == [True] * 20


# 2


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (Kind.EVENT, {"type": "event_callback", "event": {"type": "team_join", "user": "U1"}}),
        (Kind.EVENT, {"type": "event_callback", "event": {"type": "reaction_removed"}}),
        (Kind.EVENT, {"type": "event_callback", "event": {"type": "message", "channel": "C1",
                      "subtype": "channel_topic", "ts": "1.1"}}),
        (Kind.EVENT, {"type": "event_callback", "event": {"type": "message", "channel": "C1",
                      "subtype": "message_deleted", "ts": "1.1", "previous_message": {}}}),
        (Kind.EVENT, {"type": "event_callback", "event": {"type": "something_new_of_2031"}}),
        (Kind.INTERACTION, {"type": "view_closed", "user": {"id": "U0ANA"}}),
        (Kind.INTERACTION, {"type": "block_suggestion", "user": {"id": "U0ANA"}}),
        (Kind.INTERACTION, {"type": "block_actions", "user": {"id": "U0ANA"}, "trigger_id": "1.2",
                            "actions": [{"action_id": "of_an_old_card"}]}),
        (Kind.INTERACTION, {"type": "shortcut", "user": {"id": "U0ANA"}, "trigger_id": "1.3",
                            "callback_id": "of_an_old_manifest"}),
        (Kind.COMMAND, {"command": "/of_an_old_manifest", "text": "", "user_id": "U0ANA",
                        "channel_id": "C0ALERTS", "trigger_id": "1.4"}),
    ],
    ids=lambda one: str(one)[:60],
)  # fmt: skip
async def test_what_nobody_here_understands_is_acknowledged_the_first_time(
    either: House, kind: Kind, payload: dict[str, Any]
) -> None:
    team = {"team_id": "T0LOCAL", "team": {"id": "T0LOCAL"}, "event_id": "Ev1"}
    reply = await line(either).send(kind, {**team, **payload}, Attempt())

    assert reply.acked, reply.reason


# 3


async def test_slack_is_asked_who_we_are_once_and_not_at_an_event(either: House) -> None:
    either.workspace.fail_next("auth.test", "fatal_error", times=100)
    await either.workspace.post("olivia", "alerts", "<@U0HEAL> stop it is on fire")
    await either.workspace.until(lambda: either.requests.calls)

    assert len(either.workspace.called("auth.test")) == 1


# 6


async def test_an_event_of_the_gap_between_two_sockets_is_dealt_with_once(house: House) -> None:
    timing = house.workspace.world.timing
    house.workspace.world.timing = replace(timing, retries=(0.1, 0.4, 1.0))
    house.workspace.drop_sockets()
    await house.workspace.post("olivia", "alerts", "<@U0HEAL> stop it is on fire")
    await house.workspace.until(lambda: house.requests.calls)
    await house.workspace.settled()

    assert any(not delivery.acked for delivery in house.workspace.deliveries.log)
    assert (len(house.requests.calls), house.workspace.deliveries.unacked) == (1, [])


async def test_a_click_of_the_gap_is_a_plain_failure_and_can_be_done_again(house: House) -> None:
    house.workspace.drop_sockets()
    with pytest.raises(NotAnswered):
        await house.workspace.command("olivia", "alerts", "/heal", "stop it is on fire")
    await house.workspace.until(lambda: house.workspace.connections)
    await house.workspace.command("olivia", "alerts", "/heal", "stop it is on fire")
    await house.workspace.until(lambda: house.requests.calls)

    assert len(house.requests.calls) == 1


# 7


async def test_many_posts_at_once_into_a_busy_channel_all_stand_there_once(
    workspace: Workspace, outbox: Outbox, start: Start
) -> None:
    workspace.fail_next("chat.postMessage", 429, times=3, retry_after=1)
    for number in range(8):
        await want(outbox, f"inc-{number}/card", f"card {number}")
    await start()
    await idle(outbox)

    assert sorted(texts(workspace)) == [f"card {number}" for number in range(8)]


# 8


@asynccontextmanager
async def counted(port: int) -> AsyncIterator[tuple[str, list[int]]]:
    """A way to the workspace that counts the connections over it: its address, and their ports."""
    seen: list[int] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer.get_extra_info("peername")[1])
        onward, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, back), pump(onward, writer), return_exceptions=True)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/", seen


async def test_all_calls_share_a_connection(workspace: Workspace) -> None:
    async with counted(workspace.port) as (url, connections):
        connection = await opened(url, app_token=None, signing_secret="s3cret-s3cret")
        for number in range(10):
            await connection.asking.conversations_info(channel="C0ALERTS")
            await connection.posting.chat_postMessage(channel="C0ALERTS", text=str(number))
        await connection.close()

    assert len(workspace.calls) == 21
    assert len(connections) == 1


async def opened(url: str, **changes: Any) -> Connection:
    told = {"bot_token": "xoxb-local", "app_token": "xapp-local", "signing_secret": None}
    return await open_bolt(**{**told, **changes}, refused=print, base_url=url, ping=0.1)


# 9


async def test_a_flood_is_acknowledged_at_once_and_worked_on_by_a_few(either: House) -> None:
    either.requests.gate.clear()
    asking = (
        either.workspace.command("olivia", "alerts", "/heal", f"stop {number} fires")
        for number in range(120)
    )
    await asyncio.gather(*asking)
    await either.workspace.until(lambda: len(either.requests.calls) == 32)
    await either.workspace.settled()
    at_once = len(either.requests.calls)
    either.requests.gate.set()
    await either.workspace.until(lambda: len(either.requests.calls) == 120, timeout=30)

    assert at_once == 32
    assert len(either.workspace.called("users.info")) == 1


# 10


async def test_bolt_has_no_listener_of_ours_lazy_or_not(house: House) -> None:
    app: Any = house.connection._app

    assert app._async_listeners == []


# 12


async def test_the_line_belongs_to_the_loop_that_opens_it(workspace: Workspace) -> None:
    async def live() -> bool:
        connection = await opened(workspace.api_url)
        await connection.start()
        up = await connection.connected()
        await connection.close()
        return up

    first = await asyncio.to_thread(asyncio.run, live())
    second = await asyncio.to_thread(asyncio.run, live())

    assert (first, second) == (True, True)


# 13


async def test_a_mention_that_comes_as_two_events_is_one(either: House) -> None:
    await either.workspace.post("olivia", "alerts", "<@U0HEAL> stop it is on fire")
    await either.workspace.settled()
    await either.workspace.until(lambda: either.private("U0OLIVIA"))
    kinds = [one.payload["event"]["type"] for one in either.workspace.deliveries.log]

    assert (sorted(kinds), len(either.requests.calls)) == (["app_mention", "message"], 1)


# 14


async def test_what_we_post_ourselves_comes_back_and_does_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    async with houses.opened(workspace, tmp_path, listed="#alerts=B0HEAL,#alerts=A0HEAL") as house:
        await workspace.until(lambda: workspace.connections)
        text = "[FIRING:1] Down shop <@U0HEAL> stop it is on fire"
        said = await house.connection.posting.chat_postMessage(channel="C0ALERTS", text=text)
        await house.connection.posting.chat_update(
            channel="C0ALERTS", ts=said["ts"], text=f"{text} now"
        )
        await workspace.settled()
        kept = await house.inbox.prune(datetime(2100, 1, 1, tzinfo=UTC))

    assert len(workspace.deliveries.log) == 2
    assert (house.taken, house.requests.calls, len(house.inbox), kept) == ([], [], 0, 0)


# 15


@pytest.mark.parametrize("channel", ["alerts", "D0OLIVIA"])
async def test_an_edit_gives_no_order(either: House, channel: str) -> None:
    said = await either.workspace.post("olivia", channel, "what is going on?")
    await either.workspace.edit("olivia", channel, said["ts"], "<@U0HEAL> stop it is on fire")
    await either.workspace.settled()
    await either.workspace.until(lambda: not len(either.inbox))
    events = [one.payload["event"] for one in either.workspace.deliveries.log]
    subtypes = {one.get("subtype") for one in events if one.get("user") != "U0HEAL"}

    assert subtypes == {None, "message_changed"}
    assert either.requests.calls == []


# 16


async def test_the_collector_takes_nothing_that_is_under_way(either: House) -> None:
    either.requests.gate.clear()
    asking = (
        either.workspace.command("olivia", "alerts", "/heal", f"stop {number} fires")
        for number in range(30)
    )
    gc.freeze()  # what stands already is looked at no more, so that the collector is quick
    answered = asyncio.gather(*asking)
    while not answered.done():
        gc.collect()
        await asyncio.sleep(0.01)
    gc.collect()
    gc.unfreeze()
    either.requests.gate.set()
    await either.workspace.until(lambda: not len(either.inbox))

    assert len(either.requests.calls) == 30
