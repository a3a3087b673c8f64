from __future__ import annotations

import time

import pytest

from bot.core import references
from bot.core.references import Names

NAMES: Names = {"params": {"size", "unit"}, "alert": {"labels"}, "health": None}


@pytest.mark.parametrize(
    "text",
    [
        "params.size > 1 && alert.labels.anything == 1",
        "health.whatever.deep",
        '"params.sise" == alert.labels.x',
        "'params.sise'",
        r"r'\' + params.unit",
        '"""params.sise"""',
        '"\\"params.sise"',
        "params.size // params.sise",
        "health.params.sise",
        "health['params.sise']",
    ],
)
def test_known_fields_and_quoted_texts_are_left_alone(text: str) -> None:
    assert references.unknown_field(text, NAMES) is None


@pytest.mark.parametrize(
    "text", ["params.sise", "has(params.sise)", "!params . sise", "1+params.sise", ".params.sise"]
)
def test_an_unknown_field_is_answered_with_the_nearest(text: str) -> None:
    said = references.unknown_field(text, NAMES)

    assert said == "'params.sise' is unknown: did you mean 'params.size'?"


@pytest.mark.parametrize("text", ['"' * 50_000, '"""' + "\\" * 50_000, "'" + "\\a" * 50_000])
def test_looking_for_texts_is_linear_in_what_is_written(text: str) -> None:
    start = time.perf_counter()
    references.LITERAL.sub("", text)

    assert time.perf_counter() - start < 1


def test_a_label_that_is_called_service_does_not_mention_the_service() -> None:
    assert not references.mentions("alert.labels.service + 'service'", "service")
    assert references.mentions("has(service.facts.unit)", "service")
    assert references.mentions("1 + .service.facts.port", "service")


@pytest.mark.parametrize("word", ["in", "true", "int", "alert", "params", "A", "a-b", "1a", ""])
def test_words_that_cel_or_a_runbook_uses_cannot_be_names(word: str) -> None:
    assert not references.may_name(word)
