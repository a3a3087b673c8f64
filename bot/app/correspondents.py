"""The systems outside that are kept in step with incidents, as the settings name them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.core.updates import Link
from bot.engine.corresponding import Corresponding
from bot.plugins import WEBHOOK, Room, Sections, Toolbox

if TYPE_CHECKING:
    from bot.app.companions import Joined


IN_STEP: tuple[Room, ...] = ("tickets", "pagers")


def _nowhere(_: str) -> str:
    return ""


async def begin(joined: Joined, link: Link = _nowhere) -> None:
    """Begin with each that wants it; ConfigurationError when a setting of one is wrong."""
    for room, name in named(joined.toolbox, joined.sections):
        correspondent = joined.toolbox.correspondent(room, name)
        if correspondent.wanted:
            Corresponding(joined.world, name, correspondent, link).begin()


def named(toolbox: Toolbox, sections: Sections) -> Iterator[tuple[Room, str]]:
    """The room and name of each that a setting is about, beyond how it posts alerts here."""
    for room in IN_STEP:
        for name in toolbox.names(room):
            told = sections(name.partition(".")[0]).items()
            if any(text.strip() for key, text in told if not key.startswith(WEBHOOK)):
                yield room, name
