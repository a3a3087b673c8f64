"""What an alert measured is typed: what cannot be read is left out, never guessed or shown raw."""

from __future__ import annotations

import pytest

from bot.core import measure
from bot.core.measure import Measure, Trend
from tests import builders

LATENCY = {
    "metric": "latency_p99", "current_value": "2500", "threshold": "100", "window": "5m",
    "trend": "RISING", "unit": "ms",
}  # fmt: skip


@pytest.mark.parametrize("where", ["labels", "annotations"])
def test_the_six_fields_of_an_event_are_read_from_labels_or_annotations(where: str) -> None:
    found = measure.of(builders.an_alert(**{where: LATENCY}))

    assert found == Measure(
        metric="latency_p99", current_value=2500.0, threshold=100.0, window="5m",
        trend=Trend.RISING, unit="ms",
    )  # fmt: skip


def test_it_is_said_in_one_line() -> None:
    found = measure.of(builders.an_alert(annotations=LATENCY))

    assert found is not None
    assert found.line == "2500 ms against 100 ms, rising (latency_p99 over 5 min)"


def test_machines_read_it_under_the_names_of_the_event() -> None:
    found = measure.of(builders.an_alert(annotations=LATENCY))

    assert found is not None
    assert found.fields == {**LATENCY, "current_value": 2500.0, "threshold": 100.0}


@pytest.mark.parametrize(
    "value", ["", "many", "nan", "inf", "1e999", "0x10", "2500 ms", "١٢", "9" * 40]
)
def test_without_two_numbers_nothing_is_said(value: str) -> None:
    assert measure.of(builders.an_alert(annotations={**LATENCY, "current_value": value})) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("metric", "<!channel>"), ("metric", "x" * 200), ("unit", "ms *bold*"),
        ("unit", "<@U0ANA>"), ("window", "a while"), ("trend", "SIDEWAYS"),
    ],
)  # fmt: skip
def test_what_is_no_such_field_is_left_out(field: str, value: str) -> None:
    found = measure.of(builders.an_alert(annotations={**LATENCY, field: value}))

    assert found is not None
    assert value not in found.line
    assert found.fields[field] in {"", None}


@pytest.mark.parametrize(
    ("value", "said"),
    [("91.256", "91.26"), ("0.00012", "0.00012"), ("2.5e+03", "2500"), ("12345678", "12345678")],
)
def test_numbers_are_said_as_people_read_them(value: str, said: str) -> None:
    found = measure.of(builders.an_alert(annotations={"current_value": value, "threshold": "1"}))

    assert found is not None
    assert found.line == f"{said} against 1"
