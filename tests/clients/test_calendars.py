"""Calendars as Google, Outlook and people write them: what they say, and what is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clients import calendars
from tests.clients.texts import WEEKLY, calendar, event

DAY = timedelta(days=1)
CUSTOM = """BEGIN:VTIMEZONE
TZID:Our Office
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
TZNAME:OFF
END:STANDARD
END:VTIMEZONE"""


def on(text: bytes, day: str, zone: str = "Europe/Berlin") -> list[tuple[str, str]]:
    """What a calendar says of a day in UTC."""
    since = datetime.fromisoformat(day).replace(tzinfo=UTC)
    found = calendars.read(text).spans(since, since + DAY, zone)
    return [(f"{s.starts:%m-%dT%H:%M}", f"{s.ends:%m-%dT%H:%M}") for s in found]


def test_an_event_recurs_on_its_local_clock_but_not_on_what_is_taken_out() -> None:
    text = calendar(WEEKLY)

    assert on(text, "2026-01-02") == [("01-02T15:00", "01-02T17:00")]
    assert on(text, "2026-01-09") == []
    assert on(text, "2026-07-10") == [("07-10T14:00", "07-10T16:00")]


def test_an_all_day_event_is_a_day_of_the_zone_that_the_window_names() -> None:
    text = calendar(event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227"))

    assert on(text, "2026-12-24") == [("12-23T23:00", "12-26T23:00")]
    assert on(text, "2026-12-26", "America/New_York") == [("12-24T05:00", "12-27T05:00")]
    assert on(text, "2026-12-27") == []


def test_an_all_day_event_without_an_end_is_one_day() -> None:
    text = calendar(event("DTSTART;VALUE=DATE:20260329"))

    assert on(text, "2026-03-29") == [("03-28T23:00", "03-29T22:00")]


def test_a_floating_time_is_of_the_zone_that_the_window_names() -> None:
    text = calendar(event("DTSTART:20260701T120000", "DURATION:PT1H"))

    assert on(text, "2026-07-01") == [("07-01T10:00", "07-01T11:00")]


def test_a_time_in_utc_is_what_it_says() -> None:
    text = calendar(event("DTSTART:20260701T120000Z", "DTEND:20260701T130000Z"))

    assert on(text, "2026-07-01") == [("07-01T12:00", "07-01T13:00")]


def test_a_zone_that_the_calendar_brings_along_is_known() -> None:
    text = calendar(event("DTSTART;TZID=Our Office:20260701T120000", "DURATION:PT1H"), zones=CUSTOM)

    assert on(text, "2026-07-01") == [("07-01T09:00", "07-01T10:00")]


def test_an_event_of_a_series_that_was_moved_is_where_it_was_moved_to() -> None:
    moved = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260116T160000",
        "DTSTART;TZID=Europe/Berlin:20260117T100000",
        "DTEND;TZID=Europe/Berlin:20260117T110000",
        name="fridays",
    )
    text = calendar(WEEKLY, moved)

    assert on(text, "2026-01-16") == []
    assert on(text, "2026-01-17") == [("01-17T09:00", "01-17T10:00")]


def test_a_cancelled_event_does_not_count_and_a_free_one_does() -> None:
    times = ("DTSTART:20260701T120000Z", "DTEND:20260701T130000Z")

    assert on(calendar(event(*times, "STATUS:CANCELLED")), "2026-07-01") == []
    assert on(calendar(event(*times, "TRANSP:TRANSPARENT")), "2026-07-01") != []


def test_an_event_over_many_days_is_of_each_of_them() -> None:
    text = calendar(event("DTSTART:20260601T120000Z", "DTEND:20260901T130000Z"))

    assert on(text, "2026-07-15") == [("06-01T12:00", "09-01T13:00")]


def test_a_series_that_was_cut_off_at_its_beginning_is_no_mistake() -> None:
    text = calendar(
        event(
            "DTSTART:20260102T120000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20260101T000000Z"
        )
    )

    assert on(text, "2026-01-03") == []


def test_an_empty_calendar_is_one() -> None:
    assert calendars.read(calendar()).count == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "it is no calendar"),
        (b"<html>please log in</html>", "it is no calendar"),
        (b"\xff\xfe\x00", "it is no calendar"),
        (event("DTSTART:20260701T120000Z").encode(), "it is no calendar: it begins with 'VEVENT'"),
        (calendar() + calendar(), "it is no calendar"),
        (calendar(event("DTSTART:tomorrow")), "event 'release' cannot be read: DTSTART"),
        (calendar(event("DURATION:PT1H")), "event 'release' cannot be read: it has no DTSTART"),
        (calendar(event("DTSTART;TZID=Mars/Base:20260701T120000")),
         "nobody knows the zone 'Mars/Base' of its DTSTART"),
        (calendar(event("DTSTART:20260701T120000Z", "EXDATE;TZID=Mars/Base:20260701T120000")),
         "nobody knows the zone 'Mars/Base' of its EXDATE"),
        (calendar(event("DTSTART:20260701T120000Z", "DTEND:20260701T110000Z")),
         "it ends before it starts"),
        (calendar(event("DTSTART:20260701T120000Z", "RRULE:FREQ=SECONDLY")), "too fine"),
        (calendar(event("DTSTART:20260701T120000Z", "RRULE:FREQ=DAILY;INTERVAL=0")), "INTERVAL"),
        (calendar(event("DTSTART:20260701T120000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")),
         "it never happens"),
        (calendar(*[event("DTSTART:20260701T120000Z")] * 1001), "more than 1000 events"),
        (b" " * (1024 * 1024 + 1), "larger than 1024 KiB"),
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_relied_on_is_refused(text: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        calendars.read(text)


@settings(deadline=None)
@given(
    st.integers(0, len(calendar(WEEKLY)) - 1), st.sampled_from([b"", b";", b":", b"\n", b"Z", b"9"])
)
def test_a_damaged_calendar_is_read_or_refused_and_never_breaks_anything(
    at: int, put: bytes
) -> None:
    whole = calendar(WEEKLY)
    try:
        events = calendars.read(whole[:at] + put + whole[at + 1 :])
    except ValueError:
        return
    events.spans(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC), "UTC")
