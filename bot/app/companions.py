"""Companions: what lives beside the engine in a running house, each a line of one of two lists."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, NamedTuple

import httpx

from bot import ports
from bot.app import calling, checkpointing, correspondents, daily, exhibiting, signals, tracing
from bot.app.measuring import Measuring
from bot.engine.reminding import Reminding
from bot.engine.world import World
from bot.plugins import Sections, Toolbox
from bot.settings import Settings
from bot.slack.awaiting import AwaitedRoom
from bot.store.outbox import Outbox
from bot.store.writer import Writer
from bot.timers import Timers

if TYPE_CHECKING:
    from bot.app.house import House


class Joined(NamedTuple):
    """What a companion may use of its house; what it opens it pushes on `stack`."""

    settings: Settings
    sections: Sections
    stack: AsyncExitStack
    client: httpx.AsyncClient
    toolbox: Toolbox
    timers: Timers
    writer: Writer
    outbox: Outbox
    world: World
    durable: ports.Durable
    engine: ports.Engine
    measuring: Measuring
    slack: AwaitedRoom


Begin = Callable[[Joined], Awaitable[None]]
"""Begins one, or does nothing where no setting wants it; ConfigurationError for a wrong one."""


async def _reminding(joined: Joined) -> None:
    Reminding(joined.world).begin()


BEFORE_DOORS: tuple[Begin, ...] = (
    signals.begin,
    _reminding,
    calling.begin,
    correspondents.begin,
    checkpointing.begin,
    tracing.begin,
)
"""Once what was open goes on, and before anybody is let in."""
LAST: tuple[Begin, ...] = (daily.begin, exhibiting.begin)
"""Once everybody is let in."""


objectors, pages = correspondents.objectors, correspondents.pages
preceding, cmdbs = correspondents.preceding, correspondents.cmdbs


async def begin(those: tuple[Begin, ...], joined: Joined) -> None:
    """Begin these, in their order."""
    for one in those:
        await one(joined)


def joined(house: House, stack: AsyncExitStack) -> Joined:
    """What this house has for them."""
    return Joined(
        settings=house.settings,
        sections=house.sections,
        stack=stack,
        client=house.client,
        toolbox=house.toolbox,
        timers=house.timers,
        writer=house.writer,
        outbox=house.outbox,
        world=house.world,
        durable=house.journal,
        engine=house.engine,
        measuring=house.measuring,
        slack=house.slack,
    )
