"""
Calendars: what an iCalendar text says, as spans; the one door to the libraries that read it.

Strict where silence would open a gap: an event that cannot be read, a zone that nobody knows or
a rule too fine refuses the whole calendar. Events that are cancelled do not count, all others do,
whether they show people as busy or free.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core import recurrence, spelling
from bot.core.recurrence import Span

LARGEST = 1024 * 1024
MOST_EVENTS = 1000
_AROUND = timedelta(days=2)
"""More than any two clocks differ: all-day events are of the zone that a window names."""
_KEPT = 16
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError,
           RecursionError)  # fmt: skip
"""What the libraries raise at a text that is no calendar, or a broken one."""
_TIMES = ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE")


class Events:
    """One calendar: it is asked for a day again and again, and reckons each once."""

    def __init__(self, query: Any, count: int) -> None:
        self.count = count
        self._query = query
        self._known: dict[tuple[datetime, datetime, str], tuple[Span, ...]] = {}
        self._turn = threading.Lock()  # days to come are reckoned in a thread

    def spans(self, since: datetime, until: datetime, zone: str) -> tuple[Span, ...]:
        """
        Every span that touches `[since, until)`, oldest first.

        Times without a zone of their own, as those of all-day events, are of `zone`.
        """
        asked = (since, until, zone)
        with self._turn:
            if asked not in self._known:
                if len(self._known) >= _KEPT:
                    del self._known[next(iter(self._known))]
                self._known[asked] = tuple(sorted(self._reckoned(*asked)))
            return self._known[asked]

    def _reckoned(self, since: datetime, until: datetime, zone: str) -> Iterator[Span]:
        place = recurrence.zone(zone)
        for event in self._query.between(since - _AROUND, until + _AROUND):
            if str(event.get("STATUS", "")).upper() == "CANCELLED":
                continue
            span = Span(_first(event.start, place), _last(event.end, place))
            if span.starts < span.ends and span.ends > since and span.starts < until:
                yield span


def read(text: bytes) -> Events:
    """Read a calendar; ValueError says what is wrong with it, and what to do."""
    import icalendar
    import recurring_ical_events

    if len(text) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024} KiB: leave old events out")
    try:
        calendar = icalendar.Calendar.from_ical(text)
        events = calendar.walk("VEVENT") if calendar.name == "VCALENDAR" else None
    except _BROKEN as error:
        raise ValueError(f"it is no calendar: {_short(error)}") from None
    if events is None:
        raise ValueError(f"it is no calendar: it begins with {spelling.quoted(calendar.name)}")
    if len(events) > MOST_EVENTS:
        raise ValueError(f"it has more than {MOST_EVENTS} events: leave old ones out")
    for event in events:
        name = spelling.quoted(str(event.get("SUMMARY", event.get("UID", "without a name"))))
        try:
            _check(event)
        except _BROKEN as error:
            raise ValueError(f"event {name} cannot be read: {_short(error)}") from None
    try:
        return Events(recurring_ical_events.of(calendar), len(events))
    except _BROKEN as error:
        raise ValueError(f"its events do not fit together: {_short(error)}") from None


def _check(event: Any) -> None:
    if event.errors:
        field, why = event.errors[0]
        raise ValueError(f"{field}: {why}")
    if "DTSTART" not in event:
        raise ValueError("it has no DTSTART")
    for name in _TIMES:
        for value in _listed(event.get(name)):
            zone = value.params.get("TZID", "")
            moments = [one.dt for one in getattr(value, "dts", [value])]
            if zone and any(isinstance(at, datetime) and at.tzinfo is None for at in moments):
                raise ValueError(f"nobody knows the zone {spelling.quoted(zone)} of its {name}")
    starts = event["DTSTART"].dt
    if "DTEND" in event and _comparable(event["DTEND"].dt) < _comparable(starts):
        raise ValueError("it ends before it starts")
    local = _comparable(starts)
    for rule in _listed(event.get("RRULE")):
        written = rule.to_ical().decode()
        try:
            recurrence.check(written, local, ZoneInfo("UTC"))
        except recurrence.NeverError:
            if "UNTIL" not in written:  # with it, a series that somebody cut off at its beginning
                raise


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _comparable(at: date) -> datetime:
    plain = at if isinstance(at, datetime) else datetime.combine(at, time())
    return plain.replace(tzinfo=None)


def _first(at: date, place: ZoneInfo) -> datetime:
    return _instant(at) or recurrence.begins(_comparable(at), place)


def _last(at: date, place: ZoneInfo) -> datetime:
    return _instant(at) or recurrence.ends(_comparable(at), place)


def _instant(at: date) -> datetime | None:
    """What has a zone of its own is an instant."""
    aware = isinstance(at, datetime) and at.tzinfo is not None
    return at.astimezone(recurrence.zone("UTC")) if aware and isinstance(at, datetime) else None


def _short(error: Exception) -> str:
    return spelling.quoted(" ".join(str(error).split())[:150])[1:-1] or type(error).__name__
