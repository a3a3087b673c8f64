"""Everything that is delivered has one effect, whatever Slack or somebody else does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.core.errors import StoreUnavailable
from bot.rehearsal.workspace import NotAnswered, Workspace
from bot.rehearsal.workspace.lines import Attempt, Kind
from bot.slack.listeners import ROOM
from bot.store.inbox import Inbox
from bot.store.writer import Writer
from tests.slack import engine, tales
from tests.slack import house as houses
from tests.slack.house import House


async def clicked(house: House, **changes: Any) -> dict[str, Any]:
    """Click Approve once; the payload as it was delivered, with changes."""
    house.cases.tell(*tales.awaiting())
    await house.workspace.click("ana", "alerts", await house.card(), "approve_recovery")
    return {**house.workspace.deliveries.log[-1].payload, **changes}


async def test_a_click_that_is_delivered_four_times_is_one_vote(house: House) -> None:
    payload = await clicked(house)
    for _ in range(3):
        await house.workspace.sockets.send(Kind.INTERACTION, payload, Attempt())
    await house.workspace.until(lambda: house.private("U0ANA"))

    assert len(house.requests.calls) == 1


async def test_an_event_that_slack_sends_again_is_handled_once(house: House) -> None:
    house.workspace.duplicate_next(times=2)
    text = "<@U0HEAL> stop it is on fire"
    await house.workspace.post("olivia", "alerts", text)
    await house.workspace.settled()
    await house.workspace.until(lambda: house.private("U0OLIVIA"))

    assert len(house.requests.calls) == 1


async def test_ten_clicks_at_once_are_ten_acknowledgements(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    house.requests.gate.clear()
    people = ["ana", "andre", "olivia", "sam", "ana"] * 2
    clicks = [house.workspace.click(who, "alerts", card, "approve_recovery") for who in people]
    await asyncio.gather(*clicks)
    house.requests.gate.set()
    await house.workspace.until(lambda: len(house.requests.calls) == 10)

    assert all(delivery.acked for delivery in house.workspace.deliveries.log)


async def test_a06_a_payload_of_another_team_is_dropped_and_recorded(house: House) -> None:
    payload = await clicked(house)
    await house.workspace.until(lambda: house.requests.calls)
    stranger = {**payload["user"], "team_id": "T0OTHER"}
    foreign = {**payload, "user": stranger, "trigger_id": "9.9.9"}
    reply = await house.workspace.sockets.send(Kind.INTERACTION, foreign, Attempt())

    assert (
        reply.acked, len(house.requests.calls), "'T0OTHER'" in house.refused[0],
    ) == (True, 1, True)  # fmt: skip


async def test_what_another_bot_writes_is_no_order(house: House) -> None:
    payload = {
        "type": "event_callback", "team_id": "T0LOCAL", "event_id": "Ev1",
        "event": {"type": "app_mention", "user": "U0ANA", "bot_id": "B0OTHER", "ts": "1.1",
                  "channel": "C0ALERTS", "text": "<@U0HEAL> keep 7f3k2m"},
    }  # fmt: skip
    reply = await house.workspace.sockets.send(Kind.EVENT, payload, Attempt())

    assert (reply.acked, house.requests.calls, len(house.inbox)) == (True, [], 0)


async def test_what_cannot_be_kept_is_not_acknowledged(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(house.inbox, "put", full)
    house.workspace.world.timing = house.workspace.world.timing.scaled(0.1)

    with pytest.raises(NotAnswered):
        await house.workspace.command("olivia", "alerts", "/heal", "status")


async def test_an_item_that_an_earlier_life_left_is_dealt_with(
    workspace: Workspace, tmp_path: Path
) -> None:
    writer = await Writer.open(tmp_path / "heal.db")
    body = json.dumps(engine.a_command(text="stop it is on fire")).encode()
    inbox = await Inbox.open(writer)
    await inbox.put(["slack:1.2.3"], ROOM, body, {}, Clock().now())
    await writer.close()
    async with houses.opened(workspace, tmp_path) as house:
        await workspace.until(lambda: house.private("U0ANA"))

    assert house.requests.calls == [("halt", ("U0ANA", "it is on fire"))]


async def test_what_is_dealt_with_is_not_done_twice_while_it_cannot_be_noted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, tries = house.inbox.done, 0

    async def away(*items: int) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise StoreUnavailable("the disk is full")
        await done(*items)

    monkeypatch.setattr(house.inbox, "done", away)
    await house.workspace.command("olivia", "alerts", "/heal", "stop it is on fire")
    await house.workspace.until(lambda: not len(house.inbox))

    assert (tries, len(house.requests.calls)) == (3, 1)


async def test_more_than_the_queue_holds_is_read_from_the_inbox_later(
    workspace: Workspace, tmp_path: Path
) -> None:
    async with houses.opened(workspace, tmp_path, count=1, room=1) as house:
        house.requests.gate.clear()
        for number in range(12):
            await workspace.command("olivia", "alerts", "/heal", f"stop {number} fires")
        house.requests.gate.set()
        await workspace.until(lambda: not len(house.inbox))

    assert [f"{number} fires" for number in range(12)] == [
        call.args[1] for call in house.requests.calls
    ]


async def test_by_http_a_click_is_acknowledged_and_votes(by_http: tuple[House, str]) -> None:
    house, _ = by_http
    await clicked(house)
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls[0].args == ("inc-7f3k2m", 1, "U0ANA", True, "")


async def test_by_http_the_url_is_verified(by_http: tuple[House, str]) -> None:
    house, _ = by_http

    assert house.workspace.callbacks is not None
    assert await house.workspace.callbacks.verify() == "local"
