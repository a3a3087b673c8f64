"""Whoever is next is called while nobody has what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.engine.calling import Calling

if TYPE_CHECKING:
    from bot.app.companions import Joined


async def begin(joined: Joined) -> None:
    """Go on with what an earlier life waited for, and follow what escalates from now on."""
    Calling(joined.world).begin()
