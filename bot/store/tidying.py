"""Tidying: what was dealt with is forgotten after a while; the ledger keeps what it meant."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.store.inbox import Inbox
from bot.store.outbox import Outbox

KEEP_ITEMS = timedelta(days=7)
"""Longer than any sender tries again: the keys that tell repetitions go with the rest."""
KEEP_BODIES = timedelta(days=7)
"""Of messages that are as they should be; where they stand is never forgotten."""


async def tidy(inbox: Inbox, outbox: Outbox, now: datetime) -> None:
    """Forget it a page at a time, so that whoever writes meanwhile hardly waits."""
    while await inbox.prune(now - KEEP_ITEMS):
        continue
    while await outbox.prune(now - KEEP_BODIES):
        continue
