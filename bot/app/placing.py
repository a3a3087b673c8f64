"""Placing: whether this process is alone or one of several replicas, and when its turn comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from bot.app import sections as sections_
from bot.app.place import Alone, Place
from bot.app.replica import Lost, Replica
from bot.clients.databases import DatabaseSettings, ReplicaSettings
from bot.clock import Clock
from bot.durable.member import Times
from bot.plugins import Sections
from bot.settings import Settings
from bot.tasks import Tasks

Wait = Callable[[], Coroutine[Any, Any, object]]


@asynccontextmanager
async def placed(
    settings: Settings,
    sections: Sections,
    stopped: Wait,
    lost: Lost,
    times: Times = Times(),
) -> AsyncIterator[Place | None]:
    """
    Wait for this process's turn: at once where it is alone; None when `stopped` is over before.

    `lost` is called, with why, when another replica took the seat: then this process has to end.
    Raises ConfigurationError when a setting of the replicas is wrong.
    """
    database = sections_.read("database", DatabaseSettings, sections)
    reached = sections_.read("replica", ReplicaSettings, sections)
    if not database.url.get_secret_value().strip():
        yield Alone()
        return
    replica = await Replica.open(settings, database, reached, Clock(), lost, times)
    try:
        yield replica if await _comes(replica, stopped) else None
    finally:
        await replica.close()


async def _comes(replica: Replica, wait: Wait) -> bool:
    tasks = Tasks()
    turn = tasks.start(replica.turn(), name="the turn of this replica")
    stopped = tasks.start(wait(), name="a stop before its turn")
    await asyncio.wait({turn, stopped}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if stopped.done():
            return False
        await turn
        return True
    finally:
        await tasks.close(0.0)
