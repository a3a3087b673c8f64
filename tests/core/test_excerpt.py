"""Of a log its end is told, and what matters before; the rest is a gap, and no line is too long."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.core import excerpt
from bot.core.excerpt import GAP, LONGEST, ROOM, SEEN, Pattern

OFTEN = [f"line {number}" for number in range(300)]


def test_the_newest_lines_are_told_in_their_order() -> None:
    told = excerpt.of("\n".join(OFTEN), 3, "nothing")

    assert told == ("line 297\nline 298\nline 299", 0)


def test_many_matches_never_push_out_the_end() -> None:
    said = [*["an error"] * 100, *OFTEN[:50]]

    told = excerpt.of("\n".join(said), 10, excerpt.TROUBLE)

    assert told.log.splitlines() == [*["> an error"] * 5, GAP, *OFTEN[45:50]]
    assert told.matches == 5


def test_what_is_further_up_than_is_looked_through_is_not_found() -> None:
    said = "\n".join(["an error", *OFTEN[:SEEN]])

    assert excerpt.of(said, 4, "error").matches == 0


def test_without_a_pattern_nothing_is_marked() -> None:
    assert excerpt.of("an error\n", 4, "") == ("an error", 0)


def test_an_excerpt_stays_within_its_room_and_keeps_the_end() -> None:
    told = excerpt.of("\n".join([*["x" * 9000] * 50, "the end"]), 200, "x")

    assert len(told.log) <= ROOM
    assert told.log.endswith("the end")
    assert max(map(len, told.log.splitlines())) == LONGEST + len("> ")
    assert told.matches == len(told.log.splitlines()) - 1 == 8


def test_a_secret_is_gone_before_a_line_is_cut() -> None:
    line = "x" * (LONGEST - 30) + " password=" + "hunter22" * 20

    assert "hunter" not in excerpt.of(line, 1, "").log


@pytest.mark.parametrize("wrong", ["(", "a)|(b", "x" * 301, "(?=x)"])
def test_a_pattern_that_is_none_is_refused_before_anything_is_read(wrong: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Pattern).validate_python(wrong)
