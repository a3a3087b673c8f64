"""A day laid out once: at every instant of it rules see what the whole of time would show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.alert import Severity
from bot.core.policy import freeze_window, timetable
from bot.core.policy.sections import Freeze
from bot.core.policy.timetable import Calendar
from bot.core.policy.verdict import Ruling
from bot.core.recurrence import Span
from tests.core.policy.builders import HOUR, NOW, SECOND, a_case, a_plan, a_rulebook

FAR = {"name": "far", "calendar": "https://cal.example.org/x.ics", "timezone": "Europe/Berlin",
       "max_age": "1h"}  # fmt: skip
ADDRESS = str(FAR["calendar"])

local = datetime.fromisoformat
"""A time on the clock of a place."""


def judged(freezes: list[dict[str, Any]], now: datetime, **changes: Any) -> Ruling:
    case = a_case(rulebook=a_rulebook(freezes=freezes), now=now, **changes)
    return freeze_window.judge(case).ruling


def judged_by(calendar: Calendar | None, now: datetime = NOW, **changes: Any) -> Ruling:
    """What the calendar of a freeze makes of a plan."""
    book = a_rulebook(freezes=[{**FAR, **changes}])
    known = {ADDRESS: calendar} if calendar else {}
    table = timetable.expand(book, known, timetable.day_of(now))
    return freeze_window.judge(a_case(rulebook=book, now=now, timetable=table)).ruling


def a_calendar(read_at: datetime | None, *spans: Span) -> Calendar:
    return Calendar(lambda since, until, zone: spans, read_at)


@settings(deadline=None)
@given(
    windows=st.lists(
        st.tuples(
            st.datetimes(local("2026-03-01"), local("2026-04-30")),
            st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU,SA", "FREQ=MONTHLY"]),
            st.integers(1, 100),
            st.booleans(),
        ),
        max_size=4,
    ),
    instants=st.lists(st.datetimes(local("2026-02-01"), local("2027-02-01")), max_size=3),
    severity=st.sampled_from(Severity),
)
def test_a_plan_is_never_allowed_at_an_instant_within_a_freeze(
    windows: list[tuple[datetime, str, int, bool]], instants: list[datetime], severity: Severity
) -> None:
    freezes = [
        {"name": f"f{at}", "starts": starts.replace(microsecond=0), "rrule": rule,
         "timezone": "Europe/Berlin", "lasts": f"{hours}h", "lets_urgent_ask": lets}
        for at, (starts, rule, hours, lets) in enumerate(windows)
    ]  # fmt: skip
    spans = [span for freeze in map(Freeze.model_validate, freezes)
             for span in freeze.spans(datetime(2026, 2, 1, tzinfo=UTC),
                                      datetime(2026, 6, 1, tzinfo=UTC))]  # fmt: skip
    edges = [at for span in spans[:6] for at in (span.starts, span.ends - SECOND, span.ends)]
    for now in (*edges, *(at.replace(tzinfo=UTC) for at in instants)):
        on = any(span.holds(now) for span in spans) or any(
            span.holds(now)
            for freeze in map(Freeze.model_validate, freezes)
            for span in freeze.spans(now, now + SECOND)
        )

        assert (judged(freezes, now, severity=severity) is Ruling.ALLOW) is not on


def test_each_edge_of_a_freeze_in_the_night_without_half_past_two() -> None:
    """On 2026-03-29 the freeze of 02:30 begins at 03:30 on the clock of Berlin."""
    daily = {"name": "x", "starts": local("2026-03-01T02:30"), "rrule": "FREQ=DAILY",
             "timezone": "Europe/Berlin", "lasts": "1h"}  # fmt: skip
    first, end = datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 29, 2, 30, tzinfo=UTC)

    assert [judged([daily], at) for at in (first - SECOND, first, end - SECOND, end)] == [
        Ruling.ALLOW,
        Ruling.DENY,
        Ruling.DENY,
        Ruling.ALLOW,
    ]


def test_each_edge_of_a_freeze_in_the_night_with_half_past_two_twice() -> None:
    once = {"name": "x", "starts": local("2026-10-25T02:30"),
            "ends": local("2026-10-25T02:45"), "timezone": "Europe/Berlin"}  # fmt: skip
    first, end = (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 45, tzinfo=UTC),
    )

    assert [judged([once], at) for at in (first - SECOND, first, end - SECOND, end)] == [
        Ruling.ALLOW,
        Ruling.DENY,
        Ruling.DENY,
        Ruling.ALLOW,
    ]


def test_a_freeze_over_the_year_end_holds_through_midnight() -> None:
    eve = {"name": "x", "starts": local("2026-12-31T18:00"), "rrule": "FREQ=YEARLY",
           "timezone": "Europe/Berlin", "lasts": "24h"}  # fmt: skip
    midnight = datetime(2028, 12, 31, 23, tzinfo=UTC)

    assert judged([eve], midnight - SECOND) == Ruling.DENY
    assert judged([eve], midnight) == Ruling.DENY
    assert judged([eve], midnight + 18 * HOUR) == Ruling.ALLOW


def test_a_clock_that_is_set_back_an_hour_stays_in_the_freeze_that_it_is_in() -> None:
    freeze = {"name": "x", "starts": NOW - 2 * HOUR, "ends": NOW + HOUR}

    assert [judged([freeze], at) for at in (NOW, NOW - HOUR)] == [Ruling.DENY, Ruling.DENY]


def test_a_window_that_is_not_of_the_day_costs_nothing() -> None:
    book = a_rulebook(freezes=[{"name": "x", "starts": NOW - 90 * HOUR, "ends": NOW - 80 * HOUR}])

    assert timetable.expand(book, {}, timetable.day_of(NOW)).freezes == ()


def test_a_calendar_that_says_now_denies() -> None:
    on = Span(NOW, NOW + HOUR)

    assert judged_by(a_calendar(NOW, on)) == Ruling.DENY
    assert judged_by(a_calendar(NOW, on), NOW + HOUR - SECOND) == Ruling.DENY


def test_a_calendar_that_says_nothing_allows_while_it_is_fresh() -> None:
    assert judged_by(a_calendar(NOW)) == Ruling.ALLOW
    assert judged_by(a_calendar(NOW), NOW + HOUR - SECOND) == Ruling.ALLOW


def test_a_calendar_that_is_too_old_or_was_never_read_asks() -> None:
    assert judged_by(a_calendar(NOW), NOW + HOUR) == Ruling.ASK
    assert judged_by(None) == Ruling.ASK


def test_a_calendar_that_is_too_old_still_denies_what_it_said_last() -> None:
    old = a_calendar(NOW - 3 * HOUR, Span(NOW - HOUR, NOW + HOUR))

    assert judged_by(old) == Ruling.DENY


def test_an_unread_calendar_of_something_else_does_not_matter() -> None:
    assert judged_by(None, services=["db"]) == Ruling.ALLOW


def test_a_file_of_the_policy_does_not_age() -> None:
    assert judged_by(a_calendar(None), NOW + 1000 * HOUR) == Ruling.ALLOW


def test_the_zone_of_a_window_is_told_to_its_calendar() -> None:
    zones = []

    def spans(since: datetime, until: datetime, zone: str) -> tuple[Span, ...]:
        zones.append((until - since, zone))
        return ()

    judged_by(Calendar(spans, NOW))

    assert zones == [(timedelta(days=1), "Europe/Berlin")]


def test_a_plan_of_a_service_that_is_not_frozen_is_free() -> None:
    freeze = {"name": "x", "starts": NOW, "ends": NOW + HOUR, "services": ["db"]}

    assert judged([freeze], NOW, plan=a_plan(service="db")) == Ruling.DENY
    assert judged([freeze], NOW) == Ruling.ALLOW


def test_local_times_of_one_off_windows_are_those_of_their_zone() -> None:
    once = Freeze(name="x", starts=local("2026-07-01T12:00"), ends=local("2026-07-01T13:00"),
                   timezone="Europe/Berlin")  # fmt: skip
    since = datetime(2026, 7, 1, tzinfo=UTC)

    assert once.spans(since, since + timedelta(days=1)) == (
        Span(since + 10 * HOUR, since + 11 * HOUR),
    )
