"""When something is on, on the clock of a place: DST, leap days, year ends, what never happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import recurrence
from bot.core.recurrence import Recurrence, Span, zone

BERLIN = zone("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
local = datetime.fromisoformat
"""A time on the clock of a place."""


def at(text: str) -> datetime:
    """An instant, written in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(
    rule: str, starts: str, lasts: timedelta, since: str, until: str, place: str = "Europe/Berlin"
) -> list[tuple[str, str]]:
    one = Recurrence(rule, local(starts), place, lasts)
    found = recurrence.occurrences(one, at(since), at(until))
    return [(f"{s.starts:%m-%dT%H:%M}", f"{s.ends:%m-%dT%H:%M}") for s in found]


def test_a_rule_begins_on_the_local_clock_in_winter_as_in_summer() -> None:
    winter = spans("FREQ=WEEKLY;BYDAY=FR", "2026-01-02T16:00", HOUR, "2026-01-09", "2026-01-10")
    summer = spans("FREQ=WEEKLY;BYDAY=FR", "2026-01-02T16:00", HOUR, "2026-07-10", "2026-07-11")

    assert winter == [("01-09T15:00", "01-09T16:00")]
    assert summer == [("07-10T14:00", "07-10T15:00")]


def test_a_span_that_began_before_and_one_that_ends_after_are_found() -> None:
    night = spans("FREQ=DAILY", "2026-01-01T20:00", 10 * HOUR, "2026-05-05", "2026-05-06", "UTC")

    assert night == [("05-04T20:00", "05-05T06:00"), ("05-05T20:00", "05-06T06:00")]


def test_a_span_that_ends_as_the_day_begins_is_not_of_it() -> None:
    assert spans("FREQ=DAILY;COUNT=1", "2026-01-01T20:00", 4 * HOUR, "2026-01-02", "2026-01-03",
                 "UTC") == []  # fmt: skip


def test_a_time_that_does_not_exist_is_read_as_before_the_clock_was_set() -> None:
    """On 2026-03-29 the clocks of Berlin go from 02:00 to 03:00: 02:30 is 03:30 there."""
    found = spans("FREQ=DAILY", "2026-03-01T02:30", HOUR, "2026-03-29", "2026-03-30")

    assert found[0] == ("03-29T01:30", "03-29T02:30")
    assert recurrence.begins(local("2026-03-29T02:30"), BERLIN) == at("2026-03-29T01:30")
    assert recurrence.ends(local("2026-03-29T02:30"), BERLIN) == at("2026-03-29T01:30")


def test_a_time_that_exists_twice_begins_with_the_first_and_ends_with_the_second() -> None:
    """On 2026-10-25 the clocks of Berlin go from 03:00 back to 02:00."""
    twice = local("2026-10-25T02:30")

    assert recurrence.begins(twice, BERLIN) == at("2026-10-25T00:30")
    assert recurrence.ends(twice, BERLIN) == at("2026-10-25T01:30")
    assert spans("FREQ=DAILY", "2026-10-01T02:30", HOUR, "2026-10-25", "2026-10-26")[0] == (
        "10-25T00:30",
        "10-25T02:30",
    )


def test_over_a_change_of_clocks_it_ends_when_both_the_clock_and_the_hours_say_so() -> None:
    """From Friday 16:00 for 64 h is until Monday 08:00, and never sooner on the clock."""
    weekend = ("FREQ=WEEKLY;BYDAY=FR", "2026-01-02T16:00", 64 * HOUR)

    assert spans(*weekend, "2026-10-24", "2026-10-25") == [("10-23T14:00", "10-26T07:00")]
    assert spans(*weekend, "2026-03-28", "2026-03-29") == [("03-27T15:00", "03-30T07:00")]


def test_a_leap_day_comes_in_leap_years_only() -> None:
    leap = ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2024-02-29T00:00", DAY)

    assert spans(*leap, "2026-02-28", "2026-03-02", "UTC") == []
    assert spans(*leap, "2028-02-29", "2028-03-01", "UTC") == [("02-29T00:00", "03-01T00:00")]


def test_the_last_day_of_every_month_is_its_own() -> None:
    last = ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31T00:00", DAY)

    assert spans(*last, "2028-02-01", "2028-03-01", "UTC") == [("02-29T00:00", "03-01T00:00")]


def test_a_span_over_the_year_end_is_of_both_years() -> None:
    eve = ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", "2026-12-31T12:00", DAY)

    assert spans(*eve, "2028-12-31", "2029-01-01") == [("12-31T11:00", "01-01T11:00")]
    assert spans(*eve, "2029-01-01", "2029-01-02") == [("12-31T11:00", "01-01T11:00")]


@pytest.mark.parametrize("until", ["20260108", "20260108T160000", "20260108T150000Z"])
def test_until_is_local_or_utc_and_a_mere_date_is_its_whole_day(until: str) -> None:
    rule = f"FREQ=DAILY;UNTIL={until}"
    found = spans(rule, "2026-01-05T16:00", HOUR, "2026-01-01", "2026-02-01")

    assert [starts for starts, _ in found][-1] == "01-08T15:00"


def test_a_counted_rule_ends_after_its_count() -> None:
    found = spans("FREQ=DAILY;INTERVAL=2;COUNT=3", "2026-01-05T16:00", HOUR,
                  "2026-01-01", "2027-01-01", "UTC")  # fmt: skip

    assert [starts for starts, _ in found] == ["01-05T16:00", "01-07T16:00", "01-09T16:00"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "it never happens"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", "it never happens"),
        ("FREQ=DAILY;UNTIL=20251231", "it never happens"),
        ("FREQ=HOURLY", "too fine: use one of YEARLY, MONTHLY, WEEKLY, DAILY"),
        ("BYDAY=FR", "FREQ is missing"),
        ("FREQ=WEEKLY;FREQ=DAILY", "FREQ stands twice"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is '0': write 1 to 9999"),
        ("FREQ=DAILY;COUNT=-1", "COUNT is '-1'"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "exclude each other"),
        ("FREQ=DAILY;UNTIL=tomorrow", "write 20261231 or"),
        ("FREQ=DAILY;UNTIL=20261331", "write 20261231 or"),
        ("FREQ=WEEKLY;BYDAY=XX", "no rule of RFC 5545"),
        ("FREQ=WEEKLY;BYDAY=,", "no rule of RFC 5545"),
        ("FREQ=YEARLY;BYMONTH=x", "no rule of RFC 5545"),
        ("FREQ=DAILY;BYHOUR=3", "'BYHOUR=3' is no part of a rule"),
        ("FREQ=DAILY\nEXDATE:20260101", "is no part of a rule|FREQ is missing"),
        ("RRULE:FREQ=DAILY", "'RRULE:FREQ=DAILY' is no part of a rule"),
        ("", "is no part of a rule"),
    ],
)
def test_an_impossible_rule_is_refused_with_its_remedy(rule: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        recurrence.check(rule, local("2026-01-02T16:00"), BERLIN)


@pytest.mark.parametrize("name", ["Europe/Berln", "", "../etc/passwd", "/etc/localtime", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="it is no IANA zone"):
        zone(name)


def test_a_slip_in_a_zone_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'Europe/Berlin'"):
        zone("Europe/Berln")


@settings(deadline=None)
@given(
    moment=st.datetimes(local("2026-01-01"), local("2029-01-01")),
    starts=st.datetimes(local("2025-01-01"), local("2025-12-31")),
    rule=st.sampled_from(["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=FR,SU",
                          "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY"]),
    hours=st.integers(1, 31 * 24),
    place=st.sampled_from(["Europe/Berlin", "Pacific/Apia", "America/St_Johns", "UTC"]),
)  # fmt: skip
def test_what_holds_on_a_day_is_what_holds_in_a_year_around_it(
    moment: datetime, starts: datetime, rule: str, hours: int, place: str
) -> None:
    """However a day is cut out of time, an instant is in the same spans."""
    now = moment.replace(tzinfo=UTC)
    one = Recurrence(rule, starts.replace(microsecond=0), place, timedelta(hours=hours))
    day = recurrence.occurrences(one, now.replace(hour=0, minute=0), now + timedelta(hours=1))
    wide = recurrence.occurrences(one, now - timedelta(days=200), now + timedelta(days=200))

    assert {s for s in day if s.holds(now)} == {s for s in wide if s.holds(now)}
    assert all(span.ends - span.starts >= one.lasts for span in wide)


def test_a_span_is_half_open() -> None:
    span = Span(at("2026-01-01"), at("2026-01-02"))

    assert span.holds(span.starts)
    assert not span.holds(span.ends)
