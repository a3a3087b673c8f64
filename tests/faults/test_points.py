"""Killed at any of these moments, nothing is done twice unknowing and nothing is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.core import facts
from tests.faults import points
from tests.faults.mortal import Fate
from tests.faults.points import POINTS, Point, Seen
from tests.faults.stories import STORIES

AT_ONCE = 6
PARTS = {"approve", "claim", "act", "record", "verify", "rollback", "escalate", "outbox", "inbox"}
NEVER = {
    "escalation.gathered",
    "evidence.kept",
    "house.policy_refused",
    "house.checkpoint_key",
    "incident.snoozed",
    "ledger.restored",
    "ledger.sealed",
    "ticket.again",
    "ticket.linked",
    "ticket.told",
}
"""
What is refused while Heal runs is refused by a start too: no life goes on from there. What
`heal restore` records, it records before there is a life. And sealing takes a ledger of many days:
tests/store/test_sealing.py breaks it off before each of its writes. A key is recorded at a start,
where none of the stories has one: tests/app/test_checkpointing.py. Tickets need a system that is
kept in step: tests/engine/test_corresponding.py kills around each of their entries. A snooze is one
entry, from which nothing follows but a message that the outbox posts once. What there is to look at
is kept after a run, once a name, by whichever life comes to it: tests/engine/test_exhibiting.py.
One page for many takes a storm: tests/engine/test_paging.py ends lives around each of its entries.
"""


@pytest.mark.parametrize("story", STORIES)
async def test_e01_killed_at_any_moment_of_its_story_it_comes_to_the_same_end(
    story: str, tmp_path: Path
) -> None:
    chosen = [point for point in POINTS if point.story == story and point.brief]
    seen = await all_of(chosen, tmp_path)

    assert chosen
    assert [one.line for one in seen if one.why] == []


async def test_a_moment_that_never_comes_is_no_proof(tmp_path: Path) -> None:
    never = Point("record", "escalates", ("after:run.kept",))
    seen = await points.play(never, tmp_path, patience=2)

    assert "TimeoutError" in seen.why


def test_every_part_of_a_run_has_moments_at_which_it_is_killed() -> None:
    assert {point.part for point in POINTS} >= PARTS
    assert len({point.deaths for point in POINTS}) >= 30
    assert {(one.part, one.story) for one in POINTS if one.brief} == {
        (one.part, one.story) for one in POINTS
    }


@pytest.mark.parametrize("when", ["before", "after"])
def test_every_kind_of_entry_has_a_moment_before_and_after_its_commit(when: str) -> None:
    met = {Fate(moment).kind for point in POINTS for moment in point.deaths
           if moment.startswith(f"{when}:")}  # fmt: skip

    assert kinds() - met == NEVER


async def all_of(chosen: list[Point], directory: Path) -> list[Seen]:
    """Play them, some at once, each in a directory of its own."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, point: Point) -> Seen:
        place = directory / str(number)
        place.mkdir()
        async with gate:
            return await points.play(point, place)

    return await asyncio.gather(*(one(*each) for each in enumerate(chosen)))


def kinds() -> set[str]:
    """Every kind of entry that there is: what the ledger's own union of facts lists."""
    union = facts.AnyFact.__origin__  # type: ignore[attr-defined]
    return {str(kind.model_fields["kind"].default) for kind in union.__args__}
