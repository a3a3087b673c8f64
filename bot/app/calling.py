"""Whoever is next is called while nobody has what failed, as the pagers know it too."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot import ports
from bot.app import correspondents
from bot.core.incident import Incident
from bot.engine.calling import Calling
from bot.engine.paging import Gathering

if TYPE_CHECKING:
    from bot.app.companions import Joined


async def begin(joined: Joined) -> None:
    """Go on with what an earlier life waited for, and follow what escalates from now on."""
    systems = correspondents.named(joined.toolbox, joined.sections)
    pagers = [(joined.toolbox.correspondent(room, name), name) for room, name in systems
              if room == "pagers"]  # fmt: skip
    holders = [
        partial(_holder, pager, name)
        for pager, name in pagers
        if isinstance(pager, ports.Holding) and pager.wanted
    ]
    Gathering(joined.world).begin()
    Calling(joined.world, holders).begin()


async def _holder(pager: ports.Holding, name: str, incident: Incident) -> tuple[str, str]:
    return await pager.holder(incident, name), name
