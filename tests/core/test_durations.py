from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bot.core import durations
from bot.core.durations import Duration
from bot.core.expressions import Expression

WHOLE_MILLISECONDS = st.integers(0, 10**11).map(lambda count: timedelta(milliseconds=count))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("2m", 120), ("1h30m", 5400), ("7d", 604800), ("250ms", 0.25), ("0s", 0)],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert timedelta(seconds=seconds) == durations.parse(text)


@pytest.mark.parametrize(
    "text", ["", "60", "m", "-5m", "1.5h", "30m1h", "2m ", "1 h", "٥s", "1M", "5m5m", "s5"]
)
def test_what_is_not_a_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 90s or 1h30m"):
        durations.parse(text)


@pytest.mark.parametrize("text", ["999999999999d", "4000d", "99999999999h"])
def test_a_duration_longer_than_ten_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="longer than ten years"):
        durations.parse(text)


@given(WHOLE_MILLISECONDS)
def test_a_written_duration_reads_back_as_itself(duration: timedelta) -> None:
    assert duration == durations.parse(durations.text(duration))


@given(WHOLE_MILLISECONDS)
def test_cel_reads_a_written_duration_as_the_same_time(duration: timedelta) -> None:
    same = Expression.compile("duration(a) == duration(string(b) + 'ms')", {"a": None, "b": None})
    count = duration // timedelta(milliseconds=1)

    assert same.value({"a": durations.text(duration), "b": count}) is True


@given(st.text(max_size=20))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    try:
        durations.parse(text)
    except ValueError as error:
        assert "write" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (120, "2 min"),
        (5400, "1 h 30 min"),
        (45, "45 s"),
        (0.25, "250 ms"),
        (0, "0 s"),
        (-3, "0 s"),
        (86400, "1 day"),
        (2 * 86400 + 3600 + 60, "2 days 1 h"),
    ],
)
def test_people_hear_the_two_largest_units(seconds: float, words: str) -> None:
    assert words == durations.in_words(timedelta(seconds=seconds))


def test_a_bare_number_is_refused_because_it_has_no_unit() -> None:
    with pytest.raises(ValidationError, match="60 has no unit"):
        TypeAdapter(Duration).validate_python(60)


def test_a_duration_is_dumped_as_the_text_it_is_read_from() -> None:
    field = TypeAdapter(Duration)

    assert field.dump_json(field.validate_python("90s")) == b'"1m30s"'
