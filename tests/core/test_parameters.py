from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import parameters
from bot.core.clauses import Parameter
from bot.core.parameters import Fitted, Misfit

SEEN = {
    "alert": {"labels": {"route": "/cart", "service": "shop"}},
    "service": {"facts": {"unit": "shop", "port": 8080}},
}


def a_parameter(**fields: Any) -> Parameter:
    return Parameter.model_validate({"type": "string"} | fields)


def fit(parameter: Parameter, **given_: Any) -> Fitted | Misfit:
    return parameters.fit({"it": parameter}, given_, SEEN)


def reason(parameter: Parameter, **given_: Any) -> str:
    misfit = fit(parameter, **given_)
    assert isinstance(misfit, Misfit)
    return "\n".join(misfit.reasons)


@pytest.mark.parametrize(
    ("fields", "fitted"),
    [
        ({"value": "${service.facts.unit}", "pattern": "[a-z]+"}, "shop"),
        ({"value": "${alert.labels.route}:*"}, "/cart:*"),
        ({"type": "integer", "value": "${service.facts.port}"}, 8080),
        ({"type": "integer", "value": 50, "min": 20, "max": 80}, 50),
        ({"type": "duration", "value": "90s", "min": "1m"}, "1m30s"),
        ({"type": "boolean", "value": True}, True),
        ({"value": "blue", "choices": ["blue", "green"]}, "blue"),
        ({"value": "-5", "pattern": "-?[0-9]+"}, "-5"),
        ({"value": "", "pattern": "[a-z]*"}, ""),
    ],
)
def test_a_value_comes_from_the_runbook_the_alert_or_the_catalogue(
    fields: dict[str, Any], fitted: Any
) -> None:
    assert Fitted(values={"it": fitted}) == fit(a_parameter(**fields))


@pytest.mark.parametrize(
    ("fields", "text", "fitted"),
    [
        ({"type": "integer", "value": 50, "min": 20, "max": 80}, "30", 30),
        ({"type": "duration"}, "2m", "2m"),
        ({"type": "boolean", "value": True}, "false", False),
        ({"type": "integer", "choices": [1, 2]}, "2", 2),
        ({"value": "${alert.labels.route}"}, "/pay", "/pay"),
    ],
)
def test_what_a_person_gives_is_read_as_its_type(
    fields: dict[str, Any], text: str, fitted: Any
) -> None:
    assert Fitted(values={"it": fitted}) == fit(a_parameter(**fields), it=text)


@pytest.mark.parametrize(
    ("fields", "text", "said"),
    [
        (
            {"type": "integer", "min": 20, "max": 80},
            "100",
            "it: '100' does not fit: give an integer from 20 to 80",
        ),
        ({"type": "integer", "min": 1}, "0", "give an integer of at least 1"),
        ({"type": "number", "max": 1}, "2", "give a number of at most 1"),
        ({"type": "integer"}, "many", "give an integer"),
        ({"type": "duration", "max": "1h"}, "2h", "give a duration like 90s of at most 1h"),
        ({"type": "boolean"}, "yes", "give true or false"),
        ({"choices": ["blue", "green"]}, "red", "give one of blue, green"),
        ({"pattern": "[a-z]+"}, "shop; reboot", "give a string that matches [a-z]+"),
        ({"pattern": "[a-z]+"}, "shop\nreboot", "invisible characters"),
        ({}, "--kubeconfig=x", "begins with a dash"),
        ({"pattern": ".*"}, "-o", "begins with a dash"),
        ({}, "", "it is empty"),
        ({}, "a\0b", "invisible characters"),
        ({}, "a\u202eb", "invisible characters"),
        ({}, "a\ud800", "invisible characters"),
        ({"pattern": ".*"}, "x" * 257, "too long"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(
    fields: dict[str, Any], text: str, said: str
) -> None:
    assert said in reason(a_parameter(**fields), it=text)


def test_what_the_catalogue_says_of_a_service_cannot_be_given_by_hand() -> None:
    said = reason(a_parameter(value="${service.facts.unit}"), it="postgres")

    assert "it: 'postgres' cannot be given: the catalogue says what it is" in said


def test_a_label_called_service_may_be_given_by_hand() -> None:
    parameter = a_parameter(value="service-${alert.labels.service}")

    assert Fitted(values={"it": "other"}) == fit(parameter, it="other")


def test_a_parameter_without_value_must_be_given() -> None:
    assert reason(a_parameter()) == "it: it has no value: give a string as it=..."


def test_a_fact_that_is_not_there_is_a_reason() -> None:
    said = reason(a_parameter(value="${service.facts.unti}"))

    assert "it has no value" in said
    assert "there is no 'unti'" in said


def test_a_template_in_an_alert_stays_a_text() -> None:
    seen = {"alert": {"labels": {"route": "${service.facts.unit}"}}, "service": {}}
    fitted = parameters.fit({"it": a_parameter(value="${alert.labels.route}")}, {}, seen)

    assert Fitted(values={"it": "${service.facts.unit}"}) == fitted


def test_every_reason_is_told_at_once() -> None:
    wanted = {"size": a_parameter(type="integer"), "unit": a_parameter(value="shop")}
    misfit = parameters.fit(wanted, {"size": "x", "sise": "1", "unit": "-a"}, SEEN)

    assert isinstance(misfit, Misfit)
    assert len(misfit.reasons) == 3
    assert misfit.reasons[0] == "'sise' is unknown: did you mean 'size'?"


@given(st.text(max_size=300))
def test_any_text_fits_or_has_a_reason(text: str) -> None:
    outcome = fit(a_parameter(pattern="[a-z0-9 ]+"), it=text)

    if isinstance(outcome, Fitted):
        assert outcome.values["it"] == text
        assert text.isprintable()
        assert not text.startswith("-")
