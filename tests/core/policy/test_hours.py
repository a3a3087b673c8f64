"""Working hours are of a place, with its days and its summer time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.policy.sections import WorkingHours

BERLIN = WorkingHours(time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 20, 6, 59, tzinfo=UTC), "fri 07:59 in Europe/Berlin"),
        (datetime(2026, 11, 20, 7, 0, tzinfo=UTC), ""),
        (datetime(2026, 11, 20, 16, 59, 59, tzinfo=UTC), ""),
        (datetime(2026, 11, 20, 17, 0, tzinfo=UTC), "fri 18:00 in Europe/Berlin"),
        (datetime(2026, 7, 17, 6, 0, tzinfo=UTC), ""),
        (datetime(2026, 7, 17, 16, 0, tzinfo=UTC), "fri 18:00 in Europe/Berlin"),
        (datetime(2026, 11, 21, 11, 0, tzinfo=UTC), "sat 12:00 in Europe/Berlin"),
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "mon 00:30 in Europe/Berlin"),
    ],
)
def test_the_first_minute_is_in_and_the_last_is_out_by_the_clock_there(
    at: datetime, expected: str
) -> None:
    assert BERLIN.outside(at) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"time_zone": "Europe/Belrin"}, "did you mean 'Europe/Berlin'"),
        ({"starts": "18:00", "ends": "08:00"}, "ends before it starts"),
        ({"starts": "8:00"}, "pattern"),
        ({"days": ["monday"]}, "mon"),
        ({"days": []}, "at least 1"),
    ],
)
def test_hours_that_cannot_be_kept_are_refused(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        WorkingHours.model_validate({"time_zone": "Europe/Berlin", **changes})
