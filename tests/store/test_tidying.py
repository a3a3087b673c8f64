"""A week after it was dealt with, nobody keeps it any more."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.store import inbox as inboxes
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.store.tidying import KEEP_BODIES, KEEP_ITEMS, tidy
from bot.store.writer import Writer
from tests.store.drafts import NOON

MANY = inboxes.PAGE + 5
LATER = NOON + max(KEEP_ITEMS, KEEP_BODIES) + timedelta(seconds=1)


async def test_all_that_is_old_and_done_is_forgotten_however_much_it_is(writer: Writer) -> None:
    inbox, outbox = await Inbox.open(writer), Outbox(writer)

    async def came_and_went(number: int) -> None:
        kept = await inbox.put([f"k{number}"], "slack", b"{}", {}, NOON)
        await inbox.done(kept.id)
        await outbox.want(f"slot-{number}", "C1", None, "message", 1, "{}", NOON)
        await outbox.sent(f"slot-{number}", 1, f"171.{number}", "C1")

    await asyncio.gather(*map(came_and_went, range(MANY)))
    waiting = await inbox.put(["open"], "slack", b"{}", {}, NOON)
    await tidy(inbox, outbox, NOON)
    before = await left(writer)
    await tidy(inbox, outbox, LATER)

    assert before == (MANY + 1, MANY)
    assert await left(writer) == (1, 0)
    assert [item.id for item in await inbox.pending()] == [waiting.id]


async def left(writer: Writer) -> tuple[int, int]:
    """How many items the inbox holds, and how many bodies the outbox."""
    items, bodies = "select count(*) from inbox", "select count(*) from outbox where payload <> ''"
    counted = await writer.do(lambda db: db.execute(f"select ({items}), ({bodies})").fetchone())
    return counted[0], counted[1]
