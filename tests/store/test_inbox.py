"""What came in is kept once, and not forgotten before it was dealt with."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import InboxFull, StoreUnavailable
from bot.store.inbox import PAGE, Inbox, Kept
from bot.store.writer import Writer
from tests.store.drafts import NOON


@pytest.fixture
async def inbox(writer: Writer) -> Inbox:
    return await Inbox.open(writer, bound=5)


async def put(inbox: Inbox, *keys: str) -> Kept:
    return await inbox.put(keys, "slack", b'{"ok":\xff}', {"X-Retry": "1"}, NOON)


async def test_an_item_is_read_back_as_it_came(inbox: Inbox) -> None:
    kept = await put(inbox, "Ev1")
    (item,) = await inbox.pending()

    assert (kept.id, "slack", NOON) == (item.id, item.room, item.received_at)
    assert (item.body, item.headers) == (b'{"ok":\xff}', {"X-Retry": "1"})


async def test_of_four_deliveries_at_once_one_is_fresh(inbox: Inbox) -> None:
    kept = await asyncio.gather(*(put(inbox, "Ev1") for _ in range(4)))

    assert sum(each.fresh for each in kept) == 1
    assert len({each.id for each in kept}) == 1
    assert len(inbox) == 1


async def test_one_key_in_common_makes_it_the_same_thing(inbox: Inbox) -> None:
    as_message = await put(inbox, "Ev1", "C1:171.1")
    as_mention = await put(inbox, "Ev2", "C1:171.1")

    assert Kept(as_message.id, fresh=False) == as_mention


async def test_what_was_dealt_with_is_still_known(inbox: Inbox) -> None:
    kept = await put(inbox, "Ev1")
    await inbox.done(kept.id)

    assert not (await put(inbox, "Ev1")).fresh


async def test_the_body_of_what_was_dealt_with_is_forgotten(inbox: Inbox, writer: Writer) -> None:
    dealt, waiting = await put(inbox, "Ev1"), await put(inbox, "Ev2")
    await inbox.done(dealt.id)
    sql = "select id from inbox where length(body) = 0"

    assert await writer.do(lambda db: db.execute(sql).fetchall()) == [(dealt.id,)]
    assert [item.id for item in await inbox.pending()] == [waiting.id]


async def test_what_is_pending_is_found_after_a_restart_in_order(path: Path) -> None:
    first = await Writer.open(path)
    before = await Inbox.open(first)
    kept = [await put(before, f"Ev{number}") for number in range(4)]
    await before.done(kept[1].id)
    await before.refused(kept[2].id, "no alert")
    await first.close()
    second = await Writer.open(path)
    after = await Inbox.open(second)
    items = await after.pending()
    await second.close()

    assert [kept[0].id, kept[3].id] == [item.id for item in items]
    assert len(after) == 2


async def test_a_full_inbox_takes_nothing_until_something_is_dealt_with(inbox: Inbox) -> None:
    burst = await asyncio.gather(
        *(put(inbox, f"Ev{number}") for number in range(9)), return_exceptions=True
    )
    kept = [each for each in burst if isinstance(each, Kept)]

    assert (len(kept), sum(isinstance(each, InboxFull) for each in burst)) == (5, 4)

    await inbox.done(kept[0].id)
    await inbox.done(kept[0].id)

    assert (await put(inbox, "Ev99")).fresh
    assert len(inbox) == 5


async def test_repetitions_and_failures_take_no_place(inbox: Inbox, path: Path) -> None:
    await put(inbox, "Ev1")
    await put(inbox, "Ev1")
    moved = path.rename(path.with_name("moved.db"))
    with pytest.raises(StoreUnavailable):
        await put(inbox, "Ev2")
    moved.rename(path)

    assert len(inbox) == 1


async def test_several_are_kept_together(inbox: Inbox) -> None:
    together = await asyncio.gather(*(put(inbox, key) for key in ("a", "b", "a")))

    assert [kept.fresh for kept in together] == [True, True, False]
    assert together[0].id == together[2].id


async def test_only_what_was_dealt_with_long_ago_is_forgotten(inbox: Inbox) -> None:
    old, new = await put(inbox, "old"), await put(inbox, "pending")
    await inbox.done(old.id)

    assert await inbox.prune(NOON) == 0
    assert await inbox.prune(NOON + timedelta(days=1)) == 1
    assert [new.id] == [item.id for item in await inbox.pending()]
    assert (await put(inbox, "old")).fresh


async def test_what_waits_is_read_page_by_page_and_room_by_room(writer: Writer) -> None:
    inbox = await Inbox.open(writer)
    rooms = ["slack", *["alerts/a", "alerts/b"] * PAGE]
    await asyncio.gather(*(inbox.put([], room, b"", {}, NOON) for room in rooms))
    first = await inbox.pending("alerts/")
    second = await inbox.pending("alerts/", first[-1].id)

    assert (len(first), len(second)) == (PAGE, PAGE)
    assert [item.id for item in (*first, *second)] == list(range(2, 2 * PAGE + 2))
    assert await inbox.pending("alerts/", second[-1].id) == []
    assert [item.room for item in await inbox.pending("slack")] == ["slack"]


async def test_a_storm_in_one_room_closes_no_other_door(inbox: Inbox) -> None:
    for _ in range(5):
        await inbox.put([], "alerts/alertmanager", b"", {}, NOON)
    with pytest.raises(InboxFull):
        await inbox.put([], "alerts/alertmanager", b"", {}, NOON)

    assert (await put(inbox, "Ev1")).fresh


async def test_places_are_counted_by_room_over_a_restart(inbox: Inbox, writer: Writer) -> None:
    kept = [await inbox.put([], "alerts/alertmanager", b"", {}, NOON) for _ in range(5)]
    again = await Inbox.open(writer, bound=5)
    with pytest.raises(InboxFull):
        await again.put([], "alerts/alertmanager", b"", {}, NOON)
    await again.done(*(each.id for each in kept[:2]))

    assert (len(again), (await again.put([], "alerts/alertmanager", b"", {}, NOON)).fresh) == (
        3, True,
    )  # fmt: skip


async def test_what_no_file_can_hold_fails_alone(inbox: Inbox) -> None:
    bad, good = await asyncio.gather(
        put(inbox, "Ev\ud800"), put(inbox, "Ev2"), return_exceptions=True
    )

    assert (type(bad), type(good), len(inbox)) == (UnicodeEncodeError, Kept, 1)


async def test_what_comes_in_together_is_one_job(inbox: Inbox, writer: Writer) -> None:
    before = writer.commits
    await asyncio.gather(*(put(inbox, f"Ev{number}") for number in range(5)))

    assert writer.commits == before + 1


async def test_whoever_gives_up_waiting_leaves_what_came_in_the_inbox(inbox: Inbox) -> None:
    waiting = asyncio.ensure_future(put(inbox, "Ev1"))
    await asyncio.sleep(0)
    waiting.cancel()
    after = await put(inbox, "Ev1")

    assert (after.fresh, len(inbox), len(await inbox.pending())) == (False, 1, 1)
