"""The last wish for a message wins, and nothing that was sent is sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store.outbox import FEW, Outbox, Place, Wanted
from bot.store.writer import Writer
from tests.store.drafts import NOON


@pytest.fixture
def outbox(writer: Writer) -> Outbox:
    return Outbox(writer)


async def want(
    outbox: Outbox,
    slot: str,
    payload: str,
    *,
    priority: int = 5,
    after: float = 0,
    thread: str | None = None,
) -> bool:
    at = NOON + timedelta(seconds=after)
    return await outbox.want(slot, "C1", thread, "card", priority, payload, at)


async def only(outbox: Outbox) -> Wanted:
    (due,) = await outbox.due()
    return due


async def test_the_last_wish_wins(outbox: Outbox) -> None:
    for payload in ("one", "two", "three"):
        assert await want(outbox, "inc-1", payload)
    due = await only(outbox)

    assert (due.payload, due.version, due.ts) == ("three", 3, None)


async def test_what_was_sent_is_no_longer_due_and_is_found_by_its_place(outbox: Outbox) -> None:
    await want(outbox, "inc-1", "one")
    await outbox.sent("inc-1", 1, "171.1", "D9")

    assert await outbox.due() == []
    assert Place("D9", "171.1") == await outbox.where("inc-1")
    assert await outbox.find_by_ts("D9", "171.1") == "inc-1"
    assert await outbox.find_by_ts("C1", "171.1") is None
    assert await outbox.where("inc-2") is None


async def test_to_wish_for_what_it_says_already_is_nothing_to_send(outbox: Outbox) -> None:
    await want(outbox, "inc-1", "one")
    await outbox.sent("inc-1", 1, "171.1", "C1")

    assert not await want(outbox, "inc-1", "one")
    assert await outbox.due() == []


async def test_what_is_withdrawn_is_not_due_any_more_unless_it_was_posted(outbox: Outbox) -> None:
    for slot in ("inc-1", "inc-2", "inc-3"):
        await want(outbox, slot, "one")
    await outbox.sent("inc-1", 1, "171.1", "C1")
    await want(outbox, "inc-1", "two")

    assert await outbox.withdraw(["inc-1", "inc-2", "inc-9"])
    assert not await outbox.withdraw(["inc-2"])
    assert {one.slot for one in await outbox.due()} == {"inc-1", "inc-3"}


async def test_a_wish_that_came_while_the_older_one_was_sent_stays_due(outbox: Outbox) -> None:
    await want(outbox, "inc-1", "one")
    await want(outbox, "inc-1", "two")
    await outbox.sent("inc-1", 1, "171.1", "C1")
    due = await only(outbox)

    assert (due.payload, due.ts) == ("two", "171.1")


async def test_a_wish_taken_back_while_it_was_sent_is_sent_back(outbox: Outbox) -> None:
    await want(outbox, "inc-1", "one")
    await outbox.sent("inc-1", 1, "171.1", "C1")
    await want(outbox, "inc-1", "two")
    await want(outbox, "inc-1", "one")
    await outbox.sent("inc-1", 2, "171.1", "C1")
    due = await only(outbox)

    assert (due.payload, due.version) == ("one", 3)


async def test_a_wish_taken_back_before_it_was_sent_is_nothing_to_send(outbox: Outbox) -> None:
    await want(outbox, "inc-1", "one")
    await outbox.sent("inc-1", 1, "171.1", "C1")
    await want(outbox, "inc-1", "two")

    assert not await want(outbox, "inc-1", "one")
    assert await outbox.due() == []


async def test_the_urgent_goes_first_then_what_has_waited_longest(outbox: Outbox) -> None:
    await want(outbox, "progress", "1", priority=9, after=0)
    await want(outbox, "result", "1", priority=5, after=2)
    await want(outbox, "other result", "1", priority=5, after=1)
    await want(outbox, "approval", "1", priority=0, after=3)
    await want(outbox, "other result", "2", priority=5, after=4)

    slots = [due.slot for due in await outbox.due()]

    assert slots == ["approval", "other result", "result", "progress"]


async def test_a_failed_try_waits_and_says_why(outbox: Outbox) -> None:
    later = NOON + timedelta(seconds=30)
    await want(outbox, "inc-1", "one")
    await outbox.failed("inc-1", "ratelimited", later)
    failed = await only(outbox)
    await outbox.sent("inc-1", 1, "171.1", "C1")
    await want(outbox, "inc-1", "two", after=9)
    again = await only(outbox)

    assert (1, "ratelimited", later) == (failed.tries, failed.last_error, failed.not_before)
    assert (again.tries, again.last_error, again.not_before) == (0, "", None)
    assert NOON + timedelta(seconds=9) == again.waiting_since


async def test_after_a_failed_try_nobody_knows_what_the_message_says(outbox: Outbox) -> None:
    await want(outbox, "inc-1", "one")
    await outbox.sent("inc-1", 1, "171.1", "C1")
    await want(outbox, "inc-1", "two")
    await outbox.failed("inc-1", "timeout", NOON)

    assert await want(outbox, "inc-1", "one")


async def test_an_answer_knows_its_thread_once_that_stands(outbox: Outbox) -> None:
    await want(outbox, "inc-1", "one", priority=1)
    await want(outbox, "inc-1/log", "line", thread="inc-1")
    before = [due.slot for due in await outbox.due()]
    await outbox.sent("inc-1", 1, "171.1", "C1")
    after = await only(outbox)

    assert before == ["inc-1"]
    assert (after.thread_slot, after.thread_ts) == ("inc-1", "171.1")


async def test_of_a_long_queue_a_few_of_each_channel_are_read(outbox: Outbox) -> None:
    for number in range(FEW + 5):
        await want(outbox, f"inc-{number}", "one", after=number)
    await outbox.want("inc-elsewhere", "C2", None, "card", 9, "one", NOON)
    slots = [due.slot for due in await outbox.due()]

    assert slots == [*(f"inc-{number}" for number in range(FEW)), "inc-elsewhere"]


async def test_neither_pauses_nor_edits_hide_what_can_go_out_now(outbox: Outbox) -> None:
    for number in range(FEW):
        await want(outbox, f"paused-{number}", "one", priority=0)
        await outbox.failed(f"paused-{number}", "not_in_channel", NOON + timedelta(minutes=10))
        await want(outbox, f"edit-{number}", "one", priority=0)
        await outbox.sent(f"edit-{number}", 1, f"171.{number}", "C1")
        await want(outbox, f"edit-{number}", "two", priority=0)
    await want(outbox, "fresh", "one", priority=9)

    assert [due.slot for due in await outbox.due()][-1] == "fresh"


async def test_what_was_never_posted_is_known_however_much_it_is(outbox: Outbox) -> None:
    for number in range(FEW + 5):
        await want(outbox, f"inc-{number}", "one")
    await outbox.sent("inc-0", 1, "171.1", "C1")
    await want(outbox, "inc-0", "two")

    assert await outbox.unposted() == {f"inc-{number}" for number in range(1, FEW + 5)}


async def test_only_bodies_are_forgotten_and_only_of_what_is_as_it_should_be(
    outbox: Outbox, writer: Writer
) -> None:
    await want(outbox, "old", "one")
    await outbox.sent("old", 1, "171.1", "C1")
    await want(outbox, "waiting", "one")
    await want(outbox, "young", "one", after=86_400)
    await outbox.sent("young", 1, "171.2", "C1")
    sql = "select slot from outbox where payload = ''"

    assert await outbox.prune(NOON + timedelta(days=1)) == 1
    assert await outbox.prune(NOON + timedelta(days=1)) == 0
    assert await writer.do(lambda db: db.execute(sql).fetchall()) == [("old",)]


async def test_an_old_message_is_never_posted_twice(outbox: Outbox) -> None:
    await want(outbox, "old", "one")
    await outbox.sent("old", 1, "171.1", "C1")
    await outbox.prune(NOON + timedelta(days=1))

    assert Place("C1", "171.1") == await outbox.where("old")
    assert await outbox.find_by_ts("C1", "171.1") == "old"
    assert not await want(outbox, "old", "one")
    await outbox.failed("old", "somebody deleted it", NOON)
    assert ((await only(outbox)).payload, (await only(outbox)).ts) == ("one", "171.1")


async def test_a_new_wish_edits_an_old_message(outbox: Outbox) -> None:
    await want(outbox, "old", "one")
    await outbox.sent("old", 1, "171.1", "C1")
    await outbox.prune(NOON + timedelta(days=1))
    await want(outbox, "old", "two")
    due = await only(outbox)

    assert (due.payload, due.ts) == ("two", "171.1")
