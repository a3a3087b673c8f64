"""No character hides, and none turns the others around."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import visible


@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\u2066", "\ufeff", "\x1b", "\u3164",
                                  "\U000e0041", "\u00ad", "\u2800", "\ue000"])  # fmt: skip
def test_what_cannot_be_seen_is_named(sign: str) -> None:
    assert visible.line(f"a{sign}b") == f"a⟨U+{ord(sign):04X}⟩b"


@pytest.mark.parametrize("text", ["shop", "naïve", "日本語", "ไม่", "⚠️ Grüße", "e\u0301"])
def test_what_can_be_seen_stays(text: str) -> None:
    assert text == visible.line(text)


def test_every_kind_of_space_is_one_space() -> None:
    assert visible.line(" a\u00a0\u3000\t\r\n b ") == "a b"


def test_wanted_lines_stay_lines() -> None:
    assert visible.lines("a\nb\u200b") == "a\nb⟨U+200B⟩"


@given(st.text(st.characters()))
def test_c06_nothing_hidden_is_left(text: str) -> None:
    hidden = {unicodedata.category(sign) for sign in visible.line(text)} & {"Cc", "Cf", "Cs", "Co"}

    assert set() == hidden
