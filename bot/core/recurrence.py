"""
Recurrence: when something is on, once or again and again, on the clock of a place.

An RRULE (RFC 5545) says on which days it begins; the time of day is that of `starts`. Zones are
looked up in the tables of IANA, which are constants here.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil import rrule

from bot.core import spelling

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
_LISTS = ("BYDAY", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")
_KNOWN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", *_LISTS)
_COUNTS = re.compile(r"[1-9][0-9]{0,3}")
SOONEST = timedelta(days=366 * 41)
"""What does not happen in so long never will: leap days and weekdays come round in 40 years."""
_SLACK = timedelta(days=2)
"""More than any two clocks of the world differ."""


class NeverError(ValueError):
    """The rule can be read, and no day fits it."""


class Span(NamedTuple):
    """From its first instant to the first one after it: `[starts, ends)`, in UTC."""

    starts: datetime
    ends: datetime

    def holds(self, at: datetime) -> bool:
        return self.starts <= at < self.ends


class Recurrence(NamedTuple):
    """It begins at the local time of `starts` on every day of the rule, and lasts so long."""

    rule: str
    starts: datetime
    zone: str
    lasts: timedelta


def zone(name: str) -> ZoneInfo:
    """
    Find a zone by its IANA name; ValueError names the nearest one.

    >>> zone("Europe/Berlin").key
    'Europe/Berlin'
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = spelling.unknown(name, sorted(zoneinfo.available_timezones()))
        raise ValueError(f"it is no IANA zone: {near}") from None


def begins(local: datetime, place: ZoneInfo) -> datetime:
    """
    The instant at which a clock shows this first; what it skips is read as before it was set.

    >>> begins(datetime(2026, 3, 29, 2, 30), zone("Europe/Berlin")).isoformat()
    '2026-03-29T01:30:00+00:00'
    """
    return local.replace(tzinfo=place, fold=0).astimezone(UTC)


def ends(local: datetime, place: ZoneInfo) -> datetime:
    """
    The instant at which a clock shows this last, so that no end comes too early.

    >>> ends(datetime(2026, 10, 25, 2, 30), zone("Europe/Berlin")).isoformat()
    '2026-10-25T01:30:00+00:00'
    """
    return max(local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))


def check(rule: str, starts: datetime, place: ZoneInfo) -> None:
    """Refuse a rule that cannot be read or never happens: ValueError says what to write."""
    parts = _parts(rule)
    parts.pop("COUNT", None)
    last = starts + SOONEST
    if next(iter(_built(parts, starts, place, last)), None) is None:
        raise NeverError("it never happens after `starts`: mend the days it names, or UNTIL")


@lru_cache(maxsize=4096)
def occurrences(one: Recurrence, since: datetime, until: datetime) -> tuple[Span, ...]:
    """Every span that touches `[since, until)`, oldest first."""
    place = zone(one.zone)
    parts = _parts(one.rule)
    first, last = (at.astimezone(place).replace(tzinfo=None) for at in (since, until))
    built = _built(parts, one.starts, place, last + _SLACK)
    found = built.between(first - one.lasts - _SLACK, last + _SLACK, inc=True)
    spans = (_span(at, place, one.lasts) for at in found)
    return tuple(span for span in spans if span.ends > since and span.starts < until)


def _span(local: datetime, place: ZoneInfo, lasts: timedelta) -> Span:
    """Where clocks change within it, it ends when both the clock and the hours say so."""
    starts = begins(local, place)
    return Span(starts, max(starts + lasts, ends(local + lasts, place)))


def _parts(rule: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in rule.upper().split(";"):
        name, _, value = part.partition("=")
        if name not in _KNOWN or not value:
            known = ", ".join(_KNOWN)
            raise ValueError(f"{spelling.quoted(part)} is no part of a rule: use {known}")
        if name in parts:
            raise ValueError(f"{name} stands twice: keep one")
        parts[name] = value
    if parts.get("FREQ") not in FREQUENCIES:
        raise ValueError(f"FREQ is missing or too fine: use one of {', '.join(FREQUENCIES)}")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not _COUNTS.fullmatch(parts[name]):
            raise ValueError(f"{name} is {spelling.quoted(parts[name])}: write 1 to 9999")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("COUNT and UNTIL exclude each other: keep one")
    return parts


def _built(parts: dict[str, str], starts: datetime, place: ZoneInfo, last: datetime) -> Any:
    """The rule of dateutil on the local clock; without COUNT it ends at `last` at the latest."""
    made = dict(parts)
    if "COUNT" not in made:
        wanted = _until(made["UNTIL"], place) if "UNTIL" in made else last
        made["UNTIL"] = f"{min(wanted, last):%Y%m%dT%H%M%S}"
    text = ";".join(f"{name}={value}" for name, value in made.items())
    try:
        return rrule.rrulestr(text, dtstart=starts)
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise ValueError(f"it is no rule of RFC 5545: {error}") from None


def _until(text: str, place: ZoneInfo) -> datetime:
    """UTC with a Z, else local; a mere date is its whole day."""
    day, _, clock = text.removesuffix("Z").partition("T")
    try:
        local = datetime.strptime(day + (clock or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - local
    except ValueError:
        shown = spelling.quoted(text)
        raise ValueError(f"UNTIL is {shown}: write 20261231 or 20261231T180000Z") from None
    if not text.endswith("Z"):
        return local
    return local.replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None)
