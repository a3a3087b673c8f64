"""Whatever an alert says reads the same on a forge, and is nothing there but text."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core import visible
from bot.tickets import _markdown
from tests.desks import forges

NASTY = (
    "@ana", "#12", "acme/shop#3", "GH-7", "PROJ-4", "!3", "~bug", "$5", "&9", "%4", "deadbeef",
    "0123456", "https://evil.test", "www.evil.test", "a@b.test", "/close", ":warning:", "**b**",
    "_i_", "`c`", "``", "|", "\\", "\\|", "---", "===", "1.", "-", "+", "*", ">", "#", "<b>",
    "&amp;", "[x](y)", "![x](y)", "[x]:", "~~~", "```", "{+", "+}", "[-", "-]", "$`a`$", "::",
    "::include{file=x}", "<!--", "-->", "[[_TOC_]]", "\u202e", "\u200b", "\n", "  ", "\t",
    "[issue:1]", "web-1", "down", "it's", "5.3%", "03:12:45", "•••", "→",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(NASTY), max_size=8).map(" ".join),
    st.lists(st.sampled_from(NASTY), max_size=8).map("".join),
)


@settings(max_examples=120, deadline=None)
@given(TEXTS)
@example("a\\|b")
@example("`a")
@example("1. one\n2. two")
@example("a\n===")
@example("x:b:y")
def test_a_line_reads_the_same_and_nothing_in_it_is_markup(text: str) -> None:
    assert forges.rendered(_markdown.words(text)) == (visible.line(text), ())


@settings(max_examples=80, deadline=None)
@given(st.lists(TEXTS, max_size=4).map("\n".join))
@example("- a\n- b")
@example("a\n\n    b")
def test_lines_read_the_same_and_command_nothing(text: str) -> None:
    written = _markdown.lines(text)
    told = [line for line in visible.lines(text).splitlines() if line]

    assert [line for line in forges.rendered(written).text.splitlines() if line] == told
    assert forges.rendered(written).active == ()
    assert forges.commands(written) == []


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3))
@example([("a\\|b", "|")])
@example([("a\\", "b")])
def test_a_cell_holds_what_was_put_into_it_and_no_more(rows: list[tuple[str, str]]) -> None:
    written = _markdown.table(("Signal", "After"), rows)
    told = "\n".join(f"{visible.line(one)}\t{visible.line(two)}\t" for one, two in rows)

    assert forges.rendered(written) == (f"Signal\tAfter\t\n{told}".rstrip("\n"), ())
    assert forges.commands(written) == []


@settings(max_examples=40, deadline=None)
@given(TEXTS)
@example("```\nend")
def test_lines_behind_a_fence_never_come_out(text: str) -> None:
    [block] = [*forges.tokens(_markdown.fenced(text))]

    assert (block.type, block.content) == ("fence", f"{visible.lines(text)}\n")


def test_a_link_of_ours_leads_where_it_says() -> None:
    [link] = [one for one in forges.inside(_markdown.link("inc-1", "https://heal.test/a>(b) c"))
              if one.type == "link_open"]  # fmt: skip

    assert link.attrs["href"] == "https://heal.test/a%3E(b)%20c"


@pytest.mark.parametrize(
    "said",
    ["the shop is down", "Of 12 checks: 3 failed, 25% of “all”", "Waiting … 03:12 → 03:14 (again)"],
)
def test_plain_words_stay_plain(said: str) -> None:
    assert "`" not in _markdown.words(said)
