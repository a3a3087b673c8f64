"""Who needs whom: all that is behind a service, and nothing that could wait for it in turn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.needed import Needs

NAMES = st.sampled_from("abcdefgh")
TOWNS = st.dictionaries(NAMES, st.lists(NAMES, max_size=4), max_size=8)


def test_what_is_needed_through_others_is_needed_the_nearest_first() -> None:
    needs = Needs({"web": ["api", "cache"], "api": ["db"], "db": ["disk"]})

    assert needs.of("web") == ("api", "cache", "db", "disk")
    assert needs.of("db") == ("disk",)
    assert needs.of("disk") == needs.of("nobody") == ()


def test_who_needs_each_other_waits_for_nobody_of_them_but_for_what_is_behind() -> None:
    needs = Needs({"a": ["b"], "b": ["a", "db"], "self": ["self", "db"]})

    assert needs.of("a") == needs.of("b") == needs.of("self") == ("db",)


@given(TOWNS)
def test_nobody_ever_waits_for_who_waits_for_them_however_they_are_tied(
    town: dict[str, list[str]],
) -> None:
    needs = Needs(town)
    waiting = {name: set(needs.of(name)) for name in "abcdefgh"}

    for name, others in waiting.items():
        assert name not in others
        for other in others:
            assert waiting[other] < others, "what it waits for waits for less: so no ring is left"


@given(TOWNS)
def test_what_is_left_out_needs_the_service_itself(town: dict[str, list[str]]) -> None:
    needs = Needs(town)
    behind = {name: reached(town, name) for name in "abcdefgh"}

    for name in "abcdefgh":
        assert behind[name] - set(needs.of(name)) == {
            other for other in behind[name] if name in behind[other]
        }


def reached(town: dict[str, list[str]], name: str) -> set[str]:
    """Everything behind it, by the plainest way to find it."""
    found: set[str] = set()
    while more := {two for one in {name, *found} for two in town.get(one, ())} - found:
        found |= more
        if not town.get(name):
            break
    return found
