"""The daily report, as the settings want it."""

from __future__ import annotations

from bot.app import sections
from bot.clock import Clock
from bot.plugins import Sections
from bot.ports import Background, Watchtower
from bot.reporting.daily import LOOK_EVERY, Daily, ReportSettings
from bot.slack.awaiting import AwaitedRoom
from bot.timers import Timers


def begin(
    given: Sections,
    clock: Clock,
    tasks: Background,
    timers: Timers,
    tower: Watchtower,
    slack: AwaitedRoom,
) -> None:
    """Look for it every minute; ConfigurationError when a setting is wrong, nothing when unset."""
    settings = sections.read("report", ReportSettings, given)
    daily = Daily(settings, clock, tower.report, slack.report)
    if daily.wanted:
        tasks.start(daily.look(), name="the report that was due before the start")
        timers.every(LOOK_EVERY, "look whether a report is due", daily.look)
