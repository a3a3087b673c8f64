"""
Timetable: the freezes and maintenance windows of one day, expanded once for all its judgements.

Rules see spans as values. What a calendar holds is read elsewhere; here it is asked for the spans
of the day, and remembered when it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Generic, NamedTuple, TypeVar

from bot.core.policy.rulebook import Rulebook
from bot.core.policy.sections import Freeze, Maintenance, Window
from bot.core.recurrence import Span

W = TypeVar("W", bound=Window)

Spans = Callable[[datetime, datetime, str], tuple[Span, ...]]
"""What touches `[since, until)`; times without a zone of their own are of the zone named last."""


class Calendar(NamedTuple):
    """A calendar as it was read last; a file of the policy is read with it, so it has no age."""

    spans: Spans
    read_at: datetime | None = None


@dataclass(frozen=True)
class Row(Generic[W]):
    """A window with its spans of the day."""

    window: W
    spans: tuple[Span, ...]
    believed_until: datetime | None = None
    """The first instant at which its calendar is too old; None = it does not age."""

    def at(self, now: datetime) -> Span | None:
        """Of the spans that hold now, the one that ends last."""
        on = [span for span in self.spans if span.starts <= now < span.ends]
        return max(on, key=lambda span: span.ends) if on else None

    def doubtful(self, now: datetime) -> bool:
        """Whether nobody knows what its calendar says now."""
        return self.believed_until is not None and self.believed_until <= now


@dataclass(frozen=True)
class Timetable:
    """Every window that may matter on one day, in the order of the policy."""

    freezes: tuple[Row[Freeze], ...] = ()
    maintenance: tuple[Row[Maintenance], ...] = ()
    _places: dict[tuple[str, str], Timetable] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, service: str, environment: str) -> Timetable:
        """What of it is about this place; looked up once a day, for there may be hundreds."""
        place = (service, environment)
        if (known := self._places.get(place)) is None:
            known = self._places[place] = Timetable(
                tuple(row for row in self.freezes if row.window.covers(*place)),
                tuple(row for row in self.maintenance if row.window.covers(*place)),
            )
        return known


NEVER = datetime.min.replace(tzinfo=UTC)


def day_of(now: datetime) -> Span:
    """The day in UTC that this instant belongs to: what a timetable is made for."""
    starts = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Span(starts, starts + timedelta(days=1))


def expand(rulebook: Rulebook, calendars: Mapping[str, Calendar], day: Span) -> Timetable:
    """Lay out a day. A calendar that is not among `calendars` was never read."""
    return Timetable(
        freezes=_rows(rulebook.freezes, calendars, day),
        maintenance=_rows(rulebook.maintenance, calendars, day),
    )


def _rows(windows: Iterable[W], calendars: Mapping[str, Calendar], day: Span) -> tuple[Row[W], ...]:
    rows = (_row(window, calendars, day) for window in windows)
    return tuple(row for row in rows if row.spans or row.believed_until is not None)


def _row(window: W, calendars: Mapping[str, Calendar], day: Span) -> Row[W]:
    if window.calendar is None:
        return Row(window, window.spans(*day))
    found = calendars.get(window.calendar)
    if found is None:
        return Row(window, (), NEVER)
    spans = found.spans(*day, window.timezone or "UTC")
    return Row(window, spans, found.read_at and found.read_at + window.keeps)
