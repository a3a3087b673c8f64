"""Spans of ServiceNow's schedules are reckoned as it means them, over every change of clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.clients.servicenow import Row
from bot.core.errors import PermanentError
from bot.tickets import _blackouts

BERLIN = {"schedule": "s1", "schedule.name": "Nights", "schedule.time_zone": "Europe/Berlin"}
WINTER = "20260105T220000"  # a Monday


def span(starts: str, columns: Mapping[str, str] = BERLIN, hours: float = 2) -> Row:
    """One that lasts so long, on the clock of Berlin unless told."""
    shape = "%Y%m%dT%H%M%S"
    ends = datetime.strptime(starts.removesuffix("Z"), shape) + timedelta(hours=hours)  # noqa: DTZ007 - local
    z = "Z" if starts.endswith("Z") else ""
    told = {"start_date_time": starts, "end_date_time": f"{ends:{shape}}{z}"}
    return Row.model_validate({"sys_id": "0" * 32, **BERLIN, **told, **columns})


def black(at: str, *rows: Row, zone: str = "") -> str:
    """What holds at an instant of UTC."""
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return _blackouts.reckoned(rows, zone, now, now + timedelta(minutes=1)).at(now)


@pytest.mark.parametrize(
    ("columns", "holds", "not_"),
    [
        ({"repeat_type": "daily"}, "2026-01-07 21:30", "2026-01-07 20:30"),
        ({"repeat_type": "daily", "repeat_count": "2"}, "2026-01-07 21:30", "2026-01-08 21:30"),
        ({"repeat_type": "weekdays"}, "2026-01-09 21:30", "2026-01-10 21:30"),
        ({"repeat_type": "weekends"}, "2026-01-10 21:30", "2026-01-12 21:30"),
        ({"repeat_type": "mwf"}, "2026-01-07 21:30", "2026-01-08 21:30"),
        ({"repeat_type": "tt"}, "2026-01-08 21:30", "2026-01-07 21:30"),
        ({"repeat_type": "weekly"}, "2026-01-12 21:30", "2026-01-13 21:30"),
        ({"repeat_type": "weekly", "days_of_week": "37"}, "2026-01-11 21:30", "2026-01-12 21:30"),
        ({"repeat_type": "weekly", "repeat_count": "2"}, "2026-01-19 21:30", "2026-01-12 21:30"),
        ({"repeat_type": "weekly", "repeat_until": "20260113"},
         "2026-01-12 21:30", "2026-01-19 21:30"),
        ({"repeat_type": "monthly", "monthly_type": "dom"}, "2026-02-05 21:30", "2026-02-02 21:30"),
        ({"repeat_type": "monthly", "monthly_type": "dow"}, "2026-02-02 21:30", "2026-02-05 21:30"),
        ({"repeat_type": "monthly", "monthly_type": "ldom"},
         "2026-02-28 21:30", "2026-02-27 21:30"),
        ({"repeat_type": "monthly", "monthly_type": "ldow"},
         "2026-02-23 21:30", "2026-02-16 21:30"),
        ({"repeat_type": "yearly", "yearly_type": "doy"}, "2027-01-05 21:30", "2027-01-04 21:30"),
    ],
)  # fmt: skip
def test_a_span_comes_again_as_it_says(columns: dict[str, str], holds: str, not_: str) -> None:
    row = span(WINTER, columns)

    assert black(holds, row).startswith("ServiceNow's blackout Nights holds until ")
    assert black(not_, row) == ""
    assert black("2026-01-05 21:30", row), "its first time counts, whatever its rule says"


@pytest.mark.parametrize("starts", [WINTER, "20260105T210000Z"])
def test_it_keeps_to_the_clock_of_its_schedule_when_clocks_change(starts: str) -> None:
    row = span(starts, {"repeat_type": "daily"}, hours=1)

    assert black("2026-03-28 21:30", row), "22:30 in winter"
    assert black("2026-03-29 20:30", row), "22:30 in summer"
    assert black("2026-03-29 21:30", row) == ""


def test_the_night_in_which_clocks_go_back_is_black_to_its_last_hour() -> None:
    row = span("20261024T230000", {"repeat_type": "weekly"}, hours=4)

    assert black("2026-10-25 01:59", row), "02:59 for the second time"
    assert black("2026-10-25 02:00", row) == ""


@pytest.mark.parametrize(
    ("columns", "holds", "not_"),
    [
        ({"all_day": "true", "end_date_time": "20260107T235959"},
         "2026-01-07 22:59", "2026-01-07 23:00"),
        ({"end_date_time": "20260105T235959"}, "2026-01-05 22:59", "2026-01-05 23:00"),
    ],
)  # fmt: skip
def test_the_last_second_of_a_day_belongs_to_it(
    columns: dict[str, str], holds: str, not_: str
) -> None:
    row = span(WINTER, columns)

    assert black(f"{holds}:59", row)
    assert black(not_, row) == ""


def test_a_schedule_without_a_zone_holds_on_the_clock_that_is_set_and_else_is_not_known() -> None:
    row = span(WINTER, {"schedule.time_zone": "floating"})

    assert black("2026-01-06 03:30", row, zone="America/New_York")
    assert black("2026-01-05 21:30", row, zone="America/New_York") == ""
    with pytest.raises(PermanentError, match="set HEAL_SERVICENOW_ZONE"):
        black("2026-01-05 21:30", row)


def test_what_is_taken_out_of_its_schedule_is_not_black() -> None:
    row = span(WINTER, {"repeat_type": "daily"}, hours=6)
    out = span("20260107T220000", {"type": "exclude"}, hours=1)
    elsewhere = span(WINTER, {"type": "exclude", "schedule": "s2"}, hours=6)

    assert black("2026-01-07 21:30", row, out, elsewhere) == ""
    assert black("2026-01-07 22:30", row, out, elsewhere)
    assert black("2026-01-08 21:30", row, out, elsewhere)


@pytest.mark.parametrize(
    "columns",
    [
        {"repeat_type": "yearly", "yearly_type": "float"},
        {"repeat_type": "hourly"},
        {"repeat_type": "monthly", "monthly_type": "dom", "start_date_time": "20260131T220000",
         "end_date_time": "20260131T230000"},
        {"repeat_type": "monthly", "monthly_type": "full moon"},
        {"repeat_type": "weekly", "repeat_until": "soon"},
        {"start_date_time": "2026-01-05 22:00:00"},
        {"end_date_time": "20250101T000000"},
        {"schedule.time_zone": "US/Nowhere"},
    ],
)  # fmt: skip
def test_what_cannot_be_reckoned_is_never_left_out_in_silence(columns: dict[str, str]) -> None:
    with pytest.raises(PermanentError, match="cannot reckon: blackout Nights: "):
        black("2026-06-01 12:00", span(WINTER, columns))
    out = span(WINTER, {**columns, "type": "exclude"})

    assert black("2026-06-01 12:00", out) == "", "what may be taken out is simply not taken out"
    assert black("2026-01-05 21:30", span(WINTER), span(WINTER, columns))
