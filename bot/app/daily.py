"""The daily report, as the settings want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.app import sections
from bot.reporting.daily import LOOK_EVERY, Daily, ReportSettings

if TYPE_CHECKING:
    from bot.app.companions import Joined


async def begin(joined: Joined) -> None:
    """Look for it every minute; ConfigurationError when a setting is wrong, nothing when unset."""
    settings = sections.read("report", ReportSettings, joined.sections)
    world = joined.world
    daily = Daily(settings, world.clock, joined.engine.tower.report, joined.slack.report)
    if daily.wanted:
        world.tasks.start(daily.look(), name="the report that was due before the start")
        joined.timers.every(LOOK_EVERY, "look whether a report is due", daily.look)
