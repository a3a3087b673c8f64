"""What incidents have to show is gathered and kept beside the runs of the house."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot import settings as settings_
from bot.app import sections
from bot.clients import commands, drawing
from bot.clients.drawing import Drawing, EvidenceSettings
from bot.engine.exhibiting import Exhibiting

if TYPE_CHECKING:
    from bot.app.companions import Joined

log = logging.getLogger(__name__)


async def begin(joined: Joined) -> None:
    """Begin it; without matplotlib graphs are kept in words, and that is said here once."""
    wanted = sections.read("evidence", EvidenceSettings, joined.sections).graphs
    if wanted and not drawing.installed():
        log.warning("graphs are kept in words: %s", drawing.MISSING)
    draw = Drawing(commands.Commands(settings_.environment())).draw if wanted else None
    Exhibiting(joined.world, joined.engine.exhibits, draw).begin()
