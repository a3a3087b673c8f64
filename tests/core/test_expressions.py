from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import expressions
from bot.core.expressions import Condition, Expression, ExpressionError, Finding
from bot.core.references import Names

NAMES: Names = {"alert": {"name", "labels"}, "params": {"size"}, "health": None}
SEEN = {
    "alert": {"name": "ServiceDown", "labels": {"service": "shop"}},
    "params": {"size": 50},
    "health": {"status": 200, "note": "ok", "error_rate": 0.5},
}


def holds(text: str, seen: dict[str, Any] | None = None) -> Finding:
    return Condition.compile(text, NAMES).holds(SEEN if seen is None else seen)


@pytest.mark.parametrize(
    "text",
    [
        "health.status == 200",
        "has(alert.labels.service) && params.size <= 50",
        "health.error_rate < 1",
        'alert.name.matches("^Service")',
        "[1, 2].all(x, x < 3)",
        "health.status == 200 &&\n  params.size == 50",
        "has(health.missing) || true",
        'timestamp("2026-01-01T00:00:00Z") < timestamp("2026-01-02T00:00:00Z")',
    ],
)
def test_what_is_true_holds(text: str) -> None:
    assert Finding(held=True) == holds(text)


def test_what_is_false_does_not_hold_and_has_no_error() -> None:
    assert Finding(held=False) == holds("health.status == 500")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('alert.labels.missing == "x"', "there is no 'missing'"),
        ("health.note", "is 'ok', not true or false"),
        ("health.status", "is 200, not true or false"),
        ("health.note > 1", "No matching overloads"),
        ("1 / 0 == 1", "divide by zero"),
        ("health.status.deeper == 1", "SELECT"),
    ],
)
def test_an_error_is_never_a_yes_and_is_told(text: str, reason: str) -> None:
    finding = holds(text)

    assert not finding.held
    assert reason in str(finding.error)


def test_evidence_that_was_not_read_makes_a_condition_false() -> None:
    finding = holds("health.status == 200", {"alert": {}})

    assert not finding.held
    assert "health" in str(finding.error)


@pytest.mark.parametrize(
    "value",
    [2**70, float("nan"), float("inf"), {1, 2}, b"x", object(), 10**400],
    ids=["int65", "nan", "inf", "set", "bytes", "object", "huge"],
)
def test_what_is_not_plain_data_is_a_reason_and_not_a_crash(value: object) -> None:
    finding = holds("health.status != 200", {"health": {"status": value}})

    assert not finding.held
    assert "not plain data" in str(finding.error)


def test_a_text_is_not_cut_at_a_nul_that_would_make_it_equal_another() -> None:
    cut = {"alert": {"labels": {"service": "shop\0-production"}}}

    assert Finding(held=False) == holds('alert.labels.service == "shop"', cut)


def test_a_lone_surrogate_in_a_label_does_no_harm() -> None:
    odd = {"alert": {"labels": {"service": "\ud800"}}}

    assert Finding(held=False) == holds('alert.labels.service == "shop"', odd)


def test_data_nested_without_end_is_refused() -> None:
    deep: Any = None
    for _ in range(100_000):
        deep = {"x": deep}

    assert "not plain data" in str(holds("health.x == 1", {"health": deep}).error)


def test_a_loop_that_would_block_runs_out_of_its_budget() -> None:
    many = {"health": {"all": list(range(300))}}
    text = "health.all.all(x, health.all.all(y, health.all.all(z, x + y + z >= 0)))"

    assert "budget" in str(holds(text, many).error)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("healt.status == 1", "'healt' is unknown: did you mean 'health'?"),
        ("params.sise == 1", "'params.sise' is unknown: did you mean 'params.size'?"),
        ('alert.nmae == "x"', "'alert.nmae' is unknown: did you mean 'alert.name'?"),
        ('alert.name.startswith("x")', "'startswith' is unknown: did you mean 'startsWith'?"),
        ("health.status ==", "line 1, column 17"),
        ("params.size + 1", "is int, not true or false"),
        ('"yes"', "is string, not true or false"),
        ("1.0 == 1", "no matching overload"),
        ("", "is not CEL"),
        ("(" * 300 + "true" + ")" * 300, "recursion limit"),
        ("x" * 1001, "at most 1000"),
        ("true\0", "readable text"),
    ],
)
def test_a_wrong_condition_is_refused_with_its_remedy(text: str, said: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        Condition.compile(text, NAMES)

    assert said in str(refusal.value)


def test_a_value_keeps_the_type_of_its_expression() -> None:
    shown = Expression.compile('{"n": params.size + 1, "l": [1.5, true, null]}', NAMES)

    assert shown.value(SEEN) == {"n": 51, "l": [1.5, True, None]}


@pytest.mark.parametrize("path", ["params.size", "alert.labels", "alert.labels.service", "health"])
def test_a_path_is_what_cel_says_that_stands_there(path: str) -> None:
    pointed, asked = Expression.compile(path, NAMES), Expression.compile(f"({path})", NAMES)

    assert (pointed.path, asked.path) == (tuple(path.split(".")), ())
    assert pointed.value(SEEN) == asked.value(SEEN)


@pytest.mark.parametrize("path", ["alert.labels.team", "health.status.code", "params.size.x"])
def test_a_path_that_leads_nowhere_has_the_reason_that_cel_gives(path: str) -> None:
    told = []
    for text in (path, f"({path})"):
        with pytest.raises(ExpressionError) as refusal:
            Expression.compile(text, {**NAMES, "params": None}).value(SEEN)
        told.append(str(refusal.value).partition(": ")[2])

    assert told[0] == told[1]


def test_times_are_seen_as_texts_that_cel_converts() -> None:
    seen = {"health": {"at": datetime(2026, 1, 1, tzinfo=UTC), "took": timedelta(seconds=90)}}
    text = 'timestamp(health.at) + duration(health.took) == timestamp("2026-01-01T00:01:30Z")'

    assert Finding(held=True) == holds(text, seen)


def test_a_condition_of_a_plan_may_name_what_was_not_read() -> None:
    assert expressions.holds("a.x == 1 || b.x == 1", {"b": {"x": 1}}, ["a"]).held
    assert not expressions.holds("a.x == 1 || b.x == 1", {"b": {"x": 1}}).held


@given(st.text(max_size=60))
def test_any_text_compiles_or_is_refused(text: str) -> None:
    try:
        Condition.compile(text, NAMES).holds(SEEN)
    except ExpressionError as error:
        assert str(error)  # noqa: PT017


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_any_value_is_true_only_when_it_is_true(value: Any) -> None:
    assert (value is True) == holds("health.x", {"health": {"x": value}}).held


@pytest.mark.parametrize("text", ["[found, null]", "{'a': [found], 'b': {'c': found}}"])
def test_no_null_is_used_up(text: str) -> None:
    """Python dies when nothing refers to None any more, and CEL gives out nulls that nobody has."""
    asked = Expression.compile(text, {"found": None})
    before = sys.getrefcount(None)
    for _ in range(1000):
        asked.value({"found": None})

    assert sys.getrefcount(None) > before - 1000


def test_no_null_by_itself_is_used_up() -> None:
    asked = Expression.compile("true ? found : found", {"found": None})
    before = sys.getrefcount(None)
    for _ in range(2000):
        asked.value({"found": None})

    assert sys.getrefcount(None) > before - 1000
