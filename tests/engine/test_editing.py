"""A person changes the parameters of a plan that is asked for, and it is asked for anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core import facts
from bot.core.facts import Wish
from bot.core.lifecycle import State
from bot.core.runbook import Runbook
from tests import builders
from tests.engine.houses import WAITING, House

PLACE = {"service": "shop", "environment": "production"}


def book(**changes: object) -> Runbook:
    """Raise the pool to a size between 20 and 80, of a service that the catalogue names."""
    size = {"type": "integer", "min": 20, "max": 80, "value": 50}
    owner = {"type": "string", "value": "${service.owner}"}
    return builders.a_runbook(
        parameters={"size": size, "owner": owner},
        steps=[{"do": "fake.pool", "with": {"to": "${params.size}"}, "timeout": "30s"}],
        **changes,
    )


@pytest.fixture
async def sized(path: Path) -> AsyncIterator[House]:
    built = House(path, builders.a_library(book()))
    await built.open()
    yield built
    await built.close()


async def edit(house: House, who: str = "U1", round_: int = 1, **given: str) -> str:
    """Edit the newest incident's plan; what is answered."""
    return (await house.edits.edit(house.incident.id, round_, who, given)).text


async def test_an_edit_makes_another_plan_that_is_shown_with_what_it_changes(sized: House) -> None:
    await sized.asked()
    shown = sized.incident.planned
    answer = await edit(sized, size="30")
    known = await sized.until(WAITING)

    assert answer == "The plan is made anew with size 50 → 30, and asked for again."
    assert shown is not None
    assert known.planned is not None
    assert (known.planned.round, known.planned.replaces) == (2, shown.digest)
    assert known.planned.digest != shown.digest
    assert known.planned.moved == ("U1 changed size 50 → 30", "step 1 is now: set pool to 30")
    assert sized.effects == []
    (edited,) = await sized.facts(facts.Edited)
    assert (edited.by, edited.given, edited.changes) == ("U1", {"size": "30"}, ("size 50 → 30",))


async def test_who_edited_it_may_not_approve_it_and_another_may(sized: House) -> None:
    await sized.asked()
    await edit(sized, size="30")
    await sized.until(WAITING)
    own = await sized.vote("U1", round_=2)
    await sized.vote("U2", round_=2)
    await sized.until(State.HEALED, within=60)

    assert own.text == "You asked for this yourself, so somebody else must approve it."
    assert sized.effects == ["pool=30"]


async def test_where_the_policy_lets_requesters_approve_who_edited_it_may(sized: House) -> None:
    high = {"groups": ["oncall"], "requester_may_approve": True}
    sized.library = builders.a_library(book(), rulebook=builders.a_rulebook(
        approvers={"high": high}))  # fmt: skip
    await sized.asked()
    await edit(sized, size="30")
    await sized.until(WAITING)
    await sized.vote("U1", round_=2)
    await sized.until(State.HEALED, within=60)

    assert sized.effects == ["pool=30"]


async def test_the_old_cards_buttons_are_dead(sized: House) -> None:
    await sized.asked()
    await edit(sized, size="30")
    await sized.until(WAITING)
    late = await sized.vote("U2", round_=1)
    again = await edit(sized, "U2", round_=1, size="40")

    assert late.text == "Plan 1 was replaced: look at the newest card of inc-a1."
    assert again == (
        "This plan is not asked for any more: look at the newest card of inc-a1. "
        "Nothing was changed."
    )
    assert sized.effects == []


async def test_of_a_yes_and_an_edit_at_once_one_stands(sized: House) -> None:
    await sized.asked()
    yes, edited = await asyncio.gather(
        sized.vote("U2"), sized.edits.edit(sized.incident.id, 1, "U1", {"size": "30"})
    )
    known = await sized.until(State.HEALED, WAITING, within=60)

    assert {yes.done, edited.done} == {True, False}
    assert (known.state is WAITING) == edited.done


async def test_a_stranger_may_not_edit_and_who_asked_for_the_run_may(sized: House) -> None:
    sized.people.groups["leads"] = frozenset({"U9"})
    rules = builders.a_rulebook(
        approvers={"high": {"groups": ["leads"]}}, operators={"groups": ["oncall"]}
    )
    sized.library = builders.a_library(book(), rulebook=rules)
    await sized.requests.wish(Wish(by="U1", runbook="raise-pool", given=PLACE), "", "")
    await sized.until(WAITING)

    assert "Only @leads may decide this" in await edit(sized, "U3", size="30")
    assert "The plan is made anew" in await edit(sized, "U1", size="30")


async def test_two_edits_by_two_people_leave_both_of_them_out(sized: House) -> None:
    await sized.asked()
    await edit(sized, "U1", size="30")
    await sized.until(WAITING)
    await edit(sized, "U2", round_=2, size="40")
    known = await sized.until(WAITING)

    assert known.asked is not None
    assert known.asked.request.excluded == ("U1", "U2")
    assert [(await sized.vote(who, round_=3)).done for who in ("U1", "U2")] == [False, False]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"size": "81"}, "'81' does not fit: give an integer from 20 to 80"),
        ({"size": "many"}, "give an integer from 20 to 80"),
        ({"owner": "me"}, "it cannot be changed"),
        ({"colour": "red"}, "it cannot be changed"),
        ({"size": "50"}, "That is the plan as it is."),
    ],
)
async def test_what_does_not_fit_leaves_the_question_open(
    sized: House, given: dict[str, str], says: str
) -> None:
    await sized.asked()

    answer = await sized.edits.edit(sized.incident.id, 1, "U1", given)

    assert says in answer.text
    assert sized.incident.state is WAITING
    assert not await sized.facts(facts.Edited)


async def test_an_edit_that_policy_denies_leaves_the_question_open(sized: House) -> None:
    await sized.asked()
    sized.library = builders.a_library(book(safe_when="params.size != 30"))

    assert "Nothing was changed." in await edit(sized, size="30")
    assert sized.incident.state is WAITING


async def test_an_edited_plan_is_asked_for_also_where_policy_would_allow_it(path: Path) -> None:
    free = {"unattended": True, "cool_down": "1s", "approval": {"quorum": 1}}
    rules = builders.a_rulebook(
        production={"environments": ["other"]}, ask_when_critical=False, breaker={"failures": 1}
    )
    house = House(path, builders.a_library(book(safety=free), rulebook=rules))
    await house.open()
    house.pool.down = 3
    await house.asked()
    house.pool.down = 0
    await edit(house, size="30")
    known = await house.until(WAITING, State.HEALED, within=60)
    await house.close()

    assert (known.state, house.effects) == (WAITING, [])


async def test_an_edit_survives_a_restart(sized: House) -> None:
    await sized.asked()
    await edit(sized, size="30")
    await sized.until(WAITING)
    await sized.restart()
    await sized.vote("U2", round_=2)
    await sized.until(State.HEALED, within=60)

    assert sized.effects == ["pool=30"]


async def test_an_edit_whose_new_plan_was_lost_in_a_crash_is_taken_up_after_it(
    sized: House,
) -> None:
    name = await sized.asked()
    edited = facts.Edited(round=1, by="U1", given={"size": "30"}, changes=("size 50 → 30",))
    await sized.journal.close(0)
    await sized.journal.signal(name, "decision:1", edited.body, "U1", kind=edited.kind)
    await sized.restart()
    known = await sized.until(WAITING)

    assert known.planned is not None
    assert (known.planned.round, known.planned.replaces != "") == (2, True)
