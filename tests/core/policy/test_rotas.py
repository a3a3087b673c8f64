"""Who is on call by a rotation, to the instant, also where the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.core.policy.sections import Rota


def a_rota(**changes: Any) -> Rota:
    """Each of three is on call for a week, from Monday at nine in Berlin."""
    given_ = {"people": ["U1", "U2", "U3"], "zone": "Europe/Berlin", "first": "2026-01-05"}
    return Rota.model_validate({**given_, **changes})


def on_call(rota: Rota, at: str) -> str:
    return " ".join(rota.on_call(datetime.fromisoformat(at)))


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-01-05T08:59:59+01:00", ""),
        ("2026-01-05T09:00:00+01:00", "U1"),
        ("2026-01-12T08:59:59+01:00", "U1"),
        ("2026-01-12T09:00:00+01:00", "U2"),
        ("2026-01-12T08:00:00+00:00", "U2"),
        ("2026-01-19T09:00:00+01:00", "U3"),
        ("2026-01-26T09:00:00+01:00", "U1"),
        ("2025-01-06T09:00:00+01:00", ""),
    ],
)
def test_each_has_a_turn_and_then_the_first_again(at: str, who: str) -> None:
    assert on_call(a_rota(), at) == who


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-03-30T06:59:59+00:00", "U3"),  # summer time began on the 29th: nine is 07:00 UTC
        ("2026-03-30T07:00:00+00:00", "U1"),
        ("2026-10-26T07:59:59+00:00", "U3"),  # it ended on the 25th: nine is 08:00 UTC again
        ("2026-10-26T08:00:00+00:00", "U1"),
    ],
)
def test_a_handover_stays_at_its_time_of_day_over_a_change_of_the_clocks(at: str, who: str) -> None:
    assert on_call(a_rota(), at) == who


@pytest.mark.parametrize(
    ("first", "at", "who"),
    [
        ("2026-03-28", "2026-03-29T01:29:59+00:00", "U1"),  # 02:30 does not exist: it is 03:30
        ("2026-03-28", "2026-03-29T01:30:00+00:00", "U2"),
        ("2026-10-24", "2026-10-25T00:29:59+00:00", "U1"),  # 02:30 comes twice: the first counts
        ("2026-10-24", "2026-10-25T00:30:00+00:00", "U2"),
        ("2026-10-24", "2026-10-25T01:30:00+00:00", "U2"),
    ],
)
def test_a_handover_in_the_hour_of_the_change_is_one_instant(first: str, at: str, who: str) -> None:
    assert on_call(a_rota(first=first, handover="02:30", days=1), at) == who


def test_a_turn_may_begin_on_a_leap_day() -> None:
    rota = a_rota(first="2028-02-28", days=1, zone="UTC", handover="00:00")

    assert [on_call(rota, f"2028-{day}T12:00:00Z") for day in ("02-28", "02-29", "03-01")] == [
        "U1", "U2", "U3",
    ]  # fmt: skip


def test_others_stand_in_for_a_span_that_is_open_at_its_end() -> None:
    rota = a_rota(overrides=[
        {"starts": "2026-01-06T00:00:00Z", "ends": "2026-01-07T00:00:00Z", "people": ["U7", "U8"]},
        {"starts": "2026-01-07T00:00:00Z", "ends": "2026-01-08T00:00:00Z", "people": ["U9"]},
    ])  # fmt: skip
    times = ("05T23:59:59", "06T00:00:00", "06T23:59:59", "07T00:00:00", "08T00:00:00")

    assert [on_call(rota, f"2026-01-{at}+00:00") for at in times] == [
        "U1", "U7 U8", "U7 U8", "U9", "U1",
    ]  # fmt: skip


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]),
    st.integers(1, 20),
    st.integers(0, 23),
)
def test_as_many_handovers_as_there_were_decide_who_is_on_call(
    at: datetime, zone: str, days: int, hour: int
) -> None:
    rota = a_rota(first="2019-12-01", zone=zone, days=days, handover=f"{hour:02}:30")
    now, local = at.replace(tzinfo=UTC), datetime(2019, 12, 1, hour, 30, tzinfo=ZoneInfo(zone))
    turns = 0
    while (local + timedelta(days=turns * days)).astimezone(UTC) <= now:
        turns += 1

    assert rota.on_call(now) == (rota.people[(turns - 1) % 3],)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"people": []}, "at least 1"),
        ({"zone": "Europe/Berln"}, "did you mean 'Europe/Berlin'"),
        ({"zone": "../../etc/passwd"}, "is unknown"),
        ({"handover": "9:00"}, "match pattern"),
        ({"handover": "24:00"}, "match pattern"),
        ({"days": 0}, "greater than or equal to 1"),
        ({"first": "someday"}, "valid date"),
        ({"overrides": [{"starts": "2026-01-06T00:00:00Z", "ends": "2026-01-06T00:00:00Z",
                         "people": ["U1"]}]}, "ends before it starts"),
        ({"overrides": [{"starts": "2026-01-06T00:00:00Z", "ends": "2026-01-08T00:00:00Z",
                         "people": ["U1"]},
                        {"starts": "2026-01-07T00:00:00Z", "ends": "2026-01-09T00:00:00Z",
                         "people": ["U2"]}]}, "two overrides hold at 2026-01-07"),
    ],
)  # fmt: skip
def test_a_wrong_rota_is_refused_with_the_reason(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        a_rota(**changes)
