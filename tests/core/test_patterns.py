from __future__ import annotations

import time

import pytest

from bot.core import patterns


@pytest.mark.parametrize(
    "pattern", ["(", "a)|(b", "[", "(?=x)", r"(a)\1", "(a{1000}){1000}", "\\Qabc", "*", "a\0"]
)
def test_a_pattern_that_re2_refuses_or_that_escapes_its_anchors_is_refused(pattern: str) -> None:
    assert patterns.flaw(pattern) is not None


@pytest.mark.parametrize("pattern", ["[a-z]+", "(?i)shop", "a|b", "", "^x$", "(?m)x"])
def test_ordinary_patterns_are_taken(pattern: str) -> None:
    assert patterns.flaw(pattern) is None


@pytest.mark.parametrize("text", ["shop\n", "xshop", "shop;rm", "SHOP"])
def test_only_the_whole_text_counts(text: str) -> None:
    assert not patterns.fits("(?m)shop", text)


def test_an_alternative_does_not_escape_the_anchors() -> None:
    assert not patterns.fits("a|b", "bc")


def test_a_hostile_pattern_cannot_backtrack() -> None:
    start = time.perf_counter()
    found = patterns.fits("(a+)+", "a" * 255 + "!")

    assert not found
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("pattern", "invited"), [("-?[0-9]+", True), ("[-a]+", True), (".*", False), ("[a-z-]+", False)]
)
def test_a_dash_is_invited_only_where_it_stands_first(pattern: str, invited: bool) -> None:
    assert invited == patterns.invites_a_dash(pattern)
