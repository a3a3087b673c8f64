"""A reaction is an answer like a click, by the same people; for some plans it is too little."""

from __future__ import annotations

import asyncio

from bot.core import facts
from bot.core.approval import Ending
from bot.core.lifecycle import State
from bot.core.risk import Level
from bot.ports import Answer
from tests import builders
from tests.engine.houses import WAITING, House


async def react(house: House, who: str = "U1", *, yes: bool = True, round_: int = 1) -> Answer:
    name = house.incident.id
    return await house.requests.vote(name, round_, who, yes=yes, why="", reacted=True)


async def risky(house: House) -> None:
    """Ask for a plan of high risk."""
    step = {"do": "fake.purge", "with": {"to": 50}, "timeout": "30s"}
    house.library = builders.a_library(
        builders.a_runbook(steps=[step]), services=(builders.a_service(tier=5),)
    )
    await house.asked()
    assert house.incident.planned is not None
    assert house.incident.planned.risk is not None
    assert house.incident.planned.risk.level is Level.HIGH


async def test_a_yes_by_reaction_is_a_vote_and_the_record_says_so(house: House) -> None:
    await house.asked()
    answer = await react(house)
    known = await house.until(State.HEALED, within=60)
    (voted,) = await house.facts(facts.Voted)

    assert answer.done
    assert (voted.vote.who, voted.vote.yes, voted.vote.reacted) == ("U1", True, True)
    assert known.decided is not None
    assert known.decided.by == ("U1",)


async def test_a_skip_by_reaction_rejects(house: House) -> None:
    await house.asked()
    await react(house, yes=False)
    known = await house.until(State.REJECTED)

    assert not known.ran


async def test_who_pauses_takes_over_and_nothing_runs(house: House) -> None:
    await house.asked()
    answer = await house.requests.pause(house.incident.id, 1, "U2")
    known = await house.until(State.ESCALATED)

    assert answer.text == "Paused: nothing runs, and it is yours to look into."
    assert known.decided is not None
    assert (known.decided.ending, known.decided.by) == (Ending.PAUSED, ("U2",))
    assert known.escalated is not None
    assert (known.escalated.to, known.ran) == ("U2", False)


async def test_a_stranger_may_neither_approve_nor_pause_by_reaction(house: House) -> None:
    await house.asked()
    said = [await react(house, "U7"), await house.requests.pause(house.incident.id, 1, "U7")]

    assert [answer.done for answer in said] == [False, False]
    assert all("Only @oncall may decide this" in answer.text for answer in said)
    assert house.incident.state is WAITING
    assert [barred.who for barred in await house.facts(facts.Barred)] == ["U7"]


async def test_who_asked_for_it_may_not_approve_it_by_reaction(house: House) -> None:
    given = {"service": "shop", "environment": "production"}
    await house.requests.wish(facts.Wish(by="U1", runbook="raise-pool", given=given), "", "")
    await house.until(WAITING)
    answer = await react(house, "U1")

    assert answer.text == "You asked for this yourself, so somebody else must approve it."


async def test_for_a_high_risk_no_reaction_is_enough(house: House) -> None:
    await risky(house)
    name = house.incident.id
    said = [
        await react(house),
        await react(house, yes=False),
        await house.requests.pause(name, 1, "U1"),
    ]

    why = "This is a high risk, and a reaction is too little for that: use the buttons on its card"
    assert {answer.text for answer in said} == {f"{why}. Nothing was decided."}
    assert house.incident.state is WAITING
    assert not await house.facts(facts.Voted)
    assert (await house.vote()).done


async def test_a_plan_that_was_asked_for_again_is_not_approved_by_reaction(house: House) -> None:
    await house.asked()
    house.pool.value = 30  # so that the plan built at the click is another one
    await house.vote()
    await house.until(WAITING)
    assert house.incident.asked is not None
    assert house.incident.asked.request.round == 2
    answer = await react(house, round_=2)

    assert "a reaction cannot say which one it means" in answer.text
    assert house.incident.state is WAITING


async def test_of_a_click_and_two_reactions_at_once_one_stands(house: House) -> None:
    await house.asked()
    name = house.incident.id
    said = await asyncio.gather(
        house.requests.pause(name, 1, "U2"), house.vote("U1"), react(house, "U3", yes=False)
    )

    assert sum(answer.done for answer in said) == 1
    assert len(await house.facts(facts.Decided)) == 1


async def test_a_pause_after_the_deadline_is_told_so(house: House) -> None:
    await house.asked()
    house.clock.advance(301)
    answer = await house.requests.pause(house.incident.id, 1, "U1")

    assert not answer.done
    await house.until(State.EXPIRED)
