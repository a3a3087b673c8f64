"""The floor of waiting: a future and a deadline for each incident that is open in the file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from bot.bench import child

DEADLINE = 3600.0
"""Seconds until a wait is over."""


async def main(told: Mapping[str, Any]) -> None:
    """Told: ledger, and how many `wait`."""
    loop = asyncio.get_running_loop()
    waits: dict[str, asyncio.Future[None]] = {}
    with closing(sqlite3.connect(told["ledger"])) as conn:
        rows = conn.execute("select incident, body from entry where kind = 'approval.asked'")
        for incident, _ in rows:
            waits[incident] = loop.create_future()
            loop.call_later(DEADLINE, waits[incident].cancel)
    if len(waits) < told["wait"]:
        raise LookupError(f"{len(waits)} of {told['wait']} wait")
    child.say(port=0)
    await child.until_let_go()
