from __future__ import annotations

from bot.core import spelling


def test_an_unknown_word_is_answered_with_the_nearest_one() -> None:
    said = spelling.unknown("host.restart_servce", ["host.restart_service", "host.delete_files"])

    assert said == "'host.restart_servce' is unknown: did you mean 'host.restart_service'?"


def test_a_word_far_from_all_is_answered_with_the_list() -> None:
    assert spelling.unknown("xyz", ["b", "a"]) == "'xyz' is unknown: use one of a, b"


def test_where_nothing_is_known_nothing_is_suggested() -> None:
    assert spelling.unknown("x", []) == "'x' is unknown: nothing may stand here"


def test_a_hostile_word_is_escaped_and_cut() -> None:
    shown = spelling.quoted("a\n\x1b[31m" + "b" * 10_000)

    assert shown.startswith(r"'a\n\x1b[31m")
    assert len(shown) == spelling.LONGEST
