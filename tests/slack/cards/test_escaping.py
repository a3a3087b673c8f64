"""The doors that outside text passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.cards import escaping


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
        ("*Approved* ~no~", "∗Approved∗ ∼no∼"),
        ("pool_size of _x_", "pool_size of ˍxˍ"),
        ("```rm```", "ˋˋˋrmˋˋˋ"),
        ("one\ntwo\u2028three", "one two three"),
        (":white_check_mark: at 12:30:45", "∶white_check_mark: at 12∶30:45"),
        ("a\u200bb\u202ec", "a⟨U+200B⟩b⟨U+202E⟩c"),
        ("a" + "\u0301" * 10, "a" + "\u0301" * 4 + "⟨+6 marks⟩"),
        ("lone \ud800 surrogate", "lone ⟨U+D800⟩ surrogate"),
    ],
)
def test_prose_is_only_words(text: str, shown: str) -> None:
    assert shown == escaping.escape(text)


def test_code_cannot_be_ended_from_inside() -> None:
    assert escaping.code("a` <!here> `b") == "`aˋ &lt;!here&gt; ˋb`"


def test_empty_code_is_still_code() -> None:
    assert escaping.code("") == "` `"


@given(st.text(), st.integers(3, 50))
def test_nothing_is_longer_than_its_place(text: str, limit: int) -> None:
    for door in (escaping.escape, escaping.code, escaping.plain, escaping.raw):
        assert len(door(text, limit)) <= limit


def test_an_entity_is_never_cut_in_two() -> None:
    assert escaping.plain("&&&&", 12) == "&amp;&amp;…"


@pytest.mark.parametrize(
    "url",
    [
        None, "", "javascript:alert(1)", "ftp://a.example", "//a.example", "https://", "http://[x",
        "https://bank.example@evil.example", "https://ev\u200bil.example", "https://еvil.example",
        "https://a.example/" + "x" * 2000,
    ],
)  # fmt: skip
def test_a_doubtful_address_is_no_link(url: str | None) -> None:
    assert escaping.link(url) == ""


def test_a_link_shows_where_it_leads() -> None:
    assert (
        escaping.link("https://a.example/x>|y?a&b")
        == "<https://a.example/x%3E%7Cy?a&amp;b|a.example>"
    )
