"""Timetables: the present day, laid out once and kept until the day or the policy is another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.core.library import Library
from bot.core.policy import timetable
from bot.core.policy.timetable import Calendar, Timetable


class Timetables:
    """Keeps one day: expanding it at every judgement would make each of them slow."""

    def __init__(self) -> None:
        self._made: tuple[Library, Mapping[str, Calendar], Timetable] | None = None
        self._day = timetable.day_of(timetable.NEVER)

    def of(self, library: Library, fetched: Mapping[str, Calendar], now: datetime) -> Timetable:
        """The timetable of the day, with the calendars that were fetched as they were read last."""
        made, day = self._made, self._day
        if made and made[0] is library and made[1] == fetched and day.holds(now):
            return made[2]
        day = timetable.day_of(now)
        laid = timetable.expand(library.rulebook, {**library.calendars, **fetched}, day)
        self._made, self._day = (library, fetched, laid), day
        return laid
