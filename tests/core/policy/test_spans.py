"""Windows that cannot be are refused, and say what to write instead."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.policy.sections import Freeze

ONCE = {"name": "x", "starts": "2026-12-18T18:00", "ends": "2027-01-04T08:00",
        "timezone": "Europe/Berlin"}  # fmt: skip
WEEKLY = {"name": "x", "starts": "2026-01-02T16:00", "rrule": "FREQ=WEEKLY;BYDAY=FR",
          "lasts": "16h", "timezone": "Europe/Berlin"}  # fmt: skip
FILE = {"name": "x", "calendar": "holidays.ics", "timezone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "x"}, "starts: starts is missing"),
        (ONCE | {"timezone": None}, "starts: it has no offset"),
        (ONCE | {"starts": "2026-12-18T18:00Z"}, "starts: it has an offset and"),
        (ONCE | {"ends": None}, "ends: ends is missing"),
        (ONCE | {"ends": "2026-12-18T18:00"}, "ends before it starts"),
        (ONCE | {"starts": "2026-03-29T02:45", "ends": "2026-03-29T03:15"},
         "ends before it starts"),
        (ONCE | {"max_age": "1h"}, "max_age: it is for calendars"),
        (ONCE | {"timezone": "CEST5"}, "timezone: it is no IANA zone"),
        (WEEKLY | {"ends": "2027-01-04T08:00"}, "ends: `lasts` says how long"),
        (WEEKLY | {"timezone": None}, "timezone: timezone is missing"),
        (WEEKLY | {"lasts": None}, "lasts: lasts is missing"),
        (WEEKLY | {"lasts": "0s"}, "lasts: 0s is not possible"),
        (WEEKLY | {"lasts": "32d"}, "lasts: 768h is not possible"),
        (WEEKLY | {"rrule": None}, "rrule: rrule is missing"),
        (WEEKLY | {"starts": None}, "starts: starts is missing"),
        (WEEKLY | {"starts": "2026-01-02T16:00+01:00"}, "starts: it has an offset: a rule recurs"),
        (WEEKLY | {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rrule: it never happens"),
        (FILE | {"timezone": None}, "timezone: timezone is missing"),
        (FILE | {"starts": "2026-12-18T18:00"}, "starts: its times stand in the calendar"),
        (FILE | {"calendar": "/etc/x.ics"}, "calendar: it is neither"),
        (FILE | {"calendar": "a/../../x.ics"}, "calendar: it is neither"),
        (FILE | {"calendar": "holidays.csv"}, "calendar: it is neither"),
        (FILE | {"calendar": "webcal://example.org/x.ics"}, "calendar: it is neither"),
        (FILE | {"max_age": "1h"}, "max_age: a file is read with the policy"),
    ],
)  # fmt: skip
def test_a_window_that_cannot_be_is_refused_with_its_remedy(given: Any, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Freeze.model_validate(given)

    assert says in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        ONCE,
        WEEKLY,
        FILE,
        FILE | {"calendar": "https://cal.example.org/x.ics?token=1", "max_age": "1h"},
        FILE | {"calendar": "calendars/2026.ics"},
        {"name": "x", "starts": "2026-12-18T18:00Z", "ends": "2026-12-18T18:01Z"},
    ],
)
def test_a_window_that_can_be_is_taken(given: Any) -> None:
    assert Freeze.model_validate(given).name == "x"
