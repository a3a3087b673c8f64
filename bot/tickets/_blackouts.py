"""Blackout schedules of ServiceNow: when a span of one holds, also one that comes again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot.clients.servicenow import Api, Row
from bot.core import recurrence, visible
from bot.core.errors import PermanentError
from bot.core.recurrence import Recurrence, Span

TABLE, CLASS = "cmn_schedule_span", "cmn_schedule_blackout"
COLUMNS = (
    "name", "type", "start_date_time", "end_date_time", "all_day", "repeat_type", "repeat_count",
    "repeat_until", "days_of_week", "monthly_type", "yearly_type",
    "schedule", "schedule.name", "schedule.time_zone", "schedule.sys_class_name",
)  # fmt: skip
MOST = 500
"""Spans of each kind that are read; more are said not to be known."""
FLOATING = ("", "floating")
"""Zones of schedules that hold on everybody's own clock."""
EXCLUDED = "exclude"
LET = "let Heal's user read it"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = timedelta(days=1)
_WEEKS = {"weekdays": "MO,TU,WE,TH,FR", "weekends": "SA,SU", "mwf": "MO,WE,FR", "tt": "TU,TH"}


class Blackout(NamedTuple):
    """A span that holds at some moment within the time that was asked about."""

    says: str
    span: Span


class Known(NamedTuple):
    """What was read of a while: what is black in it, and what of it nobody can reckon."""

    blackouts: tuple[Blackout, ...]
    unclear: str

    def at(self, now: datetime) -> str:
        """
        What holds now, in words; empty when nothing does.

        PermanentError names what cannot be reckoned, when nothing else holds.
        """
        if said := [one.says for one in self.blackouts if one.span.holds(now)]:
            return "; ".join(dict.fromkeys(said))
        if self.unclear:
            raise PermanentError(self.unclear)
        return ""


async def read(api: Api, zone: str, since: datetime, until: datetime) -> Known:
    """
    Everything that is black between the two; `zone` is the clock of schedules that float.

    A span that cannot be read exactly is never left out in silence.
    """
    earliest, latest = (
        f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" for at in (since - _DAY, until + _DAY)
    )
    begun = {"schedule.sys_class_name": CLASS, "start_date_time": f"<={latest}"}
    once = {**begun, "repeat_type": "ISEMPTY", "end_date_time": f">={earliest}"}
    again = {**begun, "repeat_type": "ISNOTEMPTY"}
    repeated = await _all(api, again)
    if not all(row.get("repeat_type") for row in repeated):
        raise PermanentError(f"ServiceNow did not look for repeat_type in {TABLE}: {LET}")
    return reckoned([*await _all(api, once), *repeated], zone, since, until)


def reckoned(rows: Sequence[Row], zone: str, since: datetime, until: datetime) -> Known:
    """The same of rows that were read: what is taken out of a schedule is not black."""
    black, out, unclear = list[tuple[str, str, Span]](), list[tuple[str, Span]](), list[str]()
    for row in rows:
        excluded = row.get("type") == EXCLUDED
        try:
            spans = tuple(_spans(row, zone, since, until))
        except ValueError as error:
            unclear += [] if excluded else [f"{_called(row)}: {error}"]
            continue
        if excluded:
            out += [(row.get("schedule"), span) for span in spans]
        else:
            black += [(row.get("schedule"), _called(row), span) for span in spans]
    kept = (
        Blackout(f"ServiceNow's {called} holds until {part.ends:%Y-%m-%d %H:%M} UTC", part)
        for schedule, called, span in black
        for part in _without(span, [one for of, one in out if of == schedule])
    )
    said = f"ServiceNow has what Heal cannot reckon: {'; '.join(unclear)[:400]}" if unclear else ""
    return Known(tuple(kept), said)


def rule(row: Row, starts: datetime) -> str:
    """
    How a span comes again, as RFC 5545 has it; ValueError for what cannot be said so.

    Its day of the week or month is that of `starts`, on the clock of its schedule.
    """
    kind, step = row.get("repeat_type"), row.get("repeat_count").strip() or "1"
    every = f";INTERVAL={int(step)}" if step.isdecimal() and int(step) > 1 else ""
    until = row.get("repeat_until").strip().replace("-", "")[:8]
    last = f";UNTIL={until}" if until.strip("0") else ""
    if kind == "daily":
        said = "FREQ=DAILY"
    elif kind in _WEEKS:
        said = f"FREQ=WEEKLY;BYDAY={_WEEKS[kind]}"
    elif kind == "weekly":
        named = [DAYS[int(day) - 1] for day in row.get("days_of_week") if day in "1234567"]
        said = f"FREQ=WEEKLY;BYDAY={','.join(named) or DAYS[starts.weekday()]}"
    elif kind == "monthly":
        said = f"FREQ=MONTHLY;{_day_of_month(row.get('monthly_type'), starts)}"
    elif kind == "yearly" and row.get("yearly_type") in {"", "doy"}:
        said = f"FREQ=YEARLY;BYMONTH={starts.month};BYMONTHDAY={starts.day}"
    else:
        how = f"{kind} {row.get('yearly_type')}".strip()
        raise ValueError(f"it repeats as {visible.line(how)[:60]!r}, which is not known here")
    return said + every + last


def _day_of_month(kind: str, starts: datetime) -> str:
    weekday = DAYS[starts.weekday()]
    match kind:
        case "" | "dom" if starts.day > 28:
            raise ValueError(f"it repeats each month on day {starts.day}, which not all have")
        case "" | "dom":
            return f"BYMONTHDAY={starts.day}"
        case "ldom":
            return "BYMONTHDAY=-1"
        case "dow":
            return f"BYDAY={(starts.day - 1) // 7 + 1}{weekday}"
        case "ldow":
            return f"BYDAY=-1{weekday}"
    raise ValueError(
        f"it repeats each month as {visible.line(kind)[:60]!r}, which is not known here"
    )


async def _all(api: Api, asked: dict[str, str]) -> list[Row]:
    rows = await api.rows(TABLE, asked, COLUMNS, MOST)
    if len(rows) >= MOST:
        raise PermanentError(f"ServiceNow has {MOST} spans of blackout schedules or more: end some")
    if any(row.get("schedule.sys_class_name") != CLASS for row in rows):
        # what its user may not read, ServiceNow leaves out of a query, and finds every schedule
        raise PermanentError(f"ServiceNow did not look for blackouts in {TABLE}: {LET}")
    return rows


def _spans(row: Row, zone: str, since: datetime, until: datetime) -> Iterator[Span]:
    """Each time that it holds within the while, once; ValueError when that cannot be told."""
    named = row.get("schedule.time_zone").strip()
    named = zone if named.lower() in FLOATING else named
    if not named:
        raise ValueError("its schedule has no time zone: set HEAL_SERVICENOW_ZONE")
    place = recurrence.zone(named)
    starts, ends = (_local(row, column, named) for column in ("start_date_time", "end_date_time"))
    if row.get("all_day") == "true":
        starts, ends = (at.replace(hour=0, minute=0, second=0) for at in (starts, ends))
        ends += _DAY
    elif ends.second == 59:
        ends += timedelta(seconds=1)
    if ends <= starts:
        raise ValueError("it ends before it starts")
    first = Span(recurrence.begins(starts, place), recurrence.ends(ends, place))
    found = {first} if first.ends > since and first.starts < until else set()
    if row.get("repeat_type"):
        again = Recurrence(rule(row, starts), starts, named, ends - starts)
        found |= set(recurrence.occurrences(again, since, until))
    yield from sorted(found)


def _local(row: Row, column: str, zone: str) -> datetime:
    """What the clock of the schedule shows: with a Z it is stored in UTC, else as it is."""
    text = row.get(column)
    try:
        local = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local
    except ValueError:
        raise ValueError(f"{column} is not like 20260101T000000Z") from None
    if not text.endswith("Z"):
        return local
    return local.replace(tzinfo=UTC).astimezone(recurrence.zone(zone)).replace(tzinfo=None)


def _called(row: Row) -> str:
    names = (row.get("schedule.name"), row.get("name"))
    told = [visible.line(name)[:100] for name in names if name.strip()]
    return f"blackout {', '.join(dict.fromkeys(told)) or 'without a name'}"


def _without(span: Span, out: Sequence[Span]) -> list[Span]:
    """What is left of a span when others are taken out of it."""
    left = [span]
    for gone in out:
        left = [
            part
            for one in left
            for part in (Span(one.starts, min(one.ends, gone.starts)),
                         Span(max(one.starts, gone.ends), one.ends))
            if part.starts < part.ends
        ]  # fmt: skip
    return left
