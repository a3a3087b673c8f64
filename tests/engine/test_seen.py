"""Who could decide at a click is on record: as it was read, for whom it let in and kept out."""

from __future__ import annotations

from bot.core import facts
from bot.core.circle import Seen
from tests import builders
from tests.engine import test_editing, test_permitting
from tests.engine.houses import WAITING, House

ALL = ("U1", "U2", "U3", "U4", "U5")


def is_of_now(house: House, seen: Seen | None) -> bool:
    return seen is not None and seen.at == house.clock.now()


async def test_a_vote_keeps_who_was_in_the_group_then(house: House) -> None:
    await house.asked()
    house.people.groups["oncall"] = frozenset({"U3", "U1"})
    await house.vote("U1")
    house.people.groups["oncall"] = frozenset({"U9"})
    (voted,) = await house.facts(facts.Voted)

    assert is_of_now(house, voted.seen)
    assert voted.seen is not None
    assert (voted.seen.members, voted.seen.counts) == ({"oncall": ("U1", "U3")}, {"oncall": 2})


async def test_who_was_kept_out_stands_with_who_would_have_been_let_in(house: House) -> None:
    await house.asked()
    await house.vote("U7")
    (barred,) = await house.facts(facts.Barred)

    assert is_of_now(house, barred.seen)
    assert barred.seen is not None
    assert (barred.seen.members, barred.seen.of("U7")) == ({"oncall": ALL}, ())


async def test_a_pause_keeps_it_too(house: House) -> None:
    await house.asked()
    await house.requests.pause(house.incident.id, 1, "U2")
    (decided,) = await house.facts(facts.Decided)

    assert is_of_now(house, decided.seen)
    assert decided.seen is not None
    assert decided.seen.of("U2") == ("oncall",)


async def test_an_edit_keeps_it_too(house: House) -> None:
    house.library = builders.a_library(test_editing.book())
    await house.asked()
    await test_editing.edit(house, "U4", size="30")
    await house.until(WAITING)
    (edited,) = await house.facts(facts.Edited)

    assert edited.seen is not None
    assert edited.seen.of("U4") == ("oncall",)


async def test_a_yes_in_advance_keeps_it_too(house: House) -> None:
    name = await test_permitting.asked(house)
    await house.permits.decide(name, "U7", yes=True, why="")
    await house.permits.decide(name, "U2", yes=True, why="")
    (barred,), (voted,) = await house.facts(facts.PermitBarred), await house.facts(
        facts.PermitVoted)  # fmt: skip

    assert barred.seen is not None
    assert voted.seen is not None
    assert (barred.seen.of("U7"), voted.seen.of("U2")) == ((), ("oncall",))
    assert (is_of_now(house, barred.seen), is_of_now(house, voted.seen)) == (True, True)
