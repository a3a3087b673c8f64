from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import templates
from bot.core.expressions import ExpressionError
from bot.core.references import Names
from bot.core.templates import Template

NAMES: Names = {"alert": {"labels"}, "params": {"size", "ratio", "on"}}
SEEN: dict[str, Any] = {
    "alert": {"labels": {"route": "/cart", "hostile": "${params.size}", "list": [1]}},
    "params": {"size": 50, "ratio": 0.5, "on": True},
}


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        ("${params.size}", 50),
        ("${params.size + 1}", 51),
        ("${alert.labels.list}", [1]),
        ("${params.on}", True),
        ("route:${alert.labels.route}:*", "route:/cart:*"),
        ("${params.size}-${params.ratio}-${params.on}", "50-0.5-true"),
        ('${"}"}', "}"),
        ('${ {"a": 1}["a"] }', 1),
        ("plain", "plain"),
        ("$5 {x}", "$5 {x}"),
        ("", ""),
        (7, 7),
        (None, None),
        ({"a": ["${params.size}", {"b": "n=${params.size}"}]}, {"a": [50, {"b": "n=50"}]}),
    ],
)
def test_a_value_is_filled_in(value: Any, rendered: Any) -> None:
    assert rendered == Template.compile(value, NAMES).render(SEEN)


def test_a_whole_value_keeps_its_type() -> None:
    assert Template.compile("${params.on}", NAMES).render(SEEN) is True


def test_what_was_filled_in_is_never_filled_in_again() -> None:
    once = Template.compile("${alert.labels.hostile}", NAMES).render(SEEN)
    inside = Template.compile("<${alert.labels.hostile}>", NAMES).render(SEEN)

    assert (once, inside) == ("${params.size}", "<${params.size}>")


@given(st.text())
def test_c03_no_label_is_ever_evaluated(label: str) -> None:
    seen = {"alert": {"labels": {"route": "${" + label + "}"}}}
    expected = ("${" + label + "}").replace("\0", "\ufffd")

    assert f"x{expected}" == Template.compile("x${alert.labels.route}", NAMES).render(seen)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("${params.sise}", "did you mean 'params.size'?"),
        ("a ${params.size", "not closed"),
        ("${}", "is not CEL"),
        ({"a": [{"b": "${nope}"}]}, "'nope' is unknown"),
    ],
)
def test_a_wrong_template_is_refused_when_it_is_compiled(value: Any, said: str) -> None:
    with pytest.raises(ExpressionError, match=said.replace("?", r"\?")):
        Template.compile(value, NAMES)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("${alert.labels.missing}", "alert.labels.missing.*there is no 'missing'"),
        ("x ${alert.labels.list}", "is not text"),
        ("${b'x'}", "not plain data"),
    ],
)
def test_what_is_missing_is_an_error_that_names_the_expression(value: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        Template.compile(value, NAMES).render(SEEN)


def test_a_template_knows_what_it_draws_on() -> None:
    template = Template.compile({"unit": "service-${alert.labels.service}"}, NAMES)

    assert template.mentions("alert")
    assert not template.mentions("service")


def test_a_checked_value_is_rendered_from_all_there_is() -> None:
    assert templates.render({"n": "${params.size}"}, SEEN) == {"n": 50}
