"""One answer for many plans of a kind: each is voted on by itself, or none of them is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from bot.core import facts, incident
from bot.core.approval import Ending
from bot.core.library import Library
from bot.engine.authority import Authority
from bot.engine.batching import Batching
from bot.ports import Answer, PlanName
from tests import builders
from tests.engine import crowds
from tests.engine.houses import WAITING, House
from tests.faults import checker

COUNT = 5
RACES = 20
TURNS = 300


async def all_of(
    house: House, names: list[str], who: str = "U1", *, yes: bool = True, round_: int = 1
) -> Answer:
    """Answer all these plans at once."""
    batching = Batching(house.world, Authority(house.world), house.requests.voting)
    plans = [PlanName(name, round_) for name in names]
    return await batching.vote_all(plans, who, yes=yes, why="" if yes else "not now")


async def ask(house: House, count: int = COUNT) -> list[str]:
    """So many services ask; their incidents in the order of asking."""
    await house.intake.take([crowds.alert(number) for number in range(count)])
    await house.settle()
    names = [one.id for one in house.cases.open() if incident.request_of(one)]
    assert len(names) == count
    return names


def library(**approvers: object) -> Library:
    known = crowds.library(COUNT, COUNT)
    rules = builders.a_rulebook(approvers={"high": {"groups": ["oncall"], **approvers}})
    return replace(known, rulebook=rules, policy_digest=rules.digest)


@pytest.fixture
async def crowd(path: Path) -> AsyncIterator[House]:
    house = crowds.house(path, crowds.library(COUNT, COUNT))
    await house.open()
    yield house
    await house.close()


async def voted(house: House) -> list[tuple[str, str]]:
    kind = facts.Voted.model_fields["kind"].default
    return [(one.incident, one.actor) for one in await house.entries() if one.kind == kind]


async def test_one_answer_is_a_vote_and_a_decision_in_each_record(crowd: House) -> None:
    names = await ask(crowd)

    answer = await all_of(crowd, names)

    assert answer.done
    assert "counted for 5 of 5" in answer.text
    assert all(f"{name}, s" in answer.text for name in names)
    assert sorted(await voted(crowd)) == [(name, "U1") for name in sorted(names)]
    await crowd.settle()
    decided = await crowd.facts(facts.Decided)
    assert [(one.ending, one.by) for one in decided] == [(Ending.APPROVED, ("U1",))] * COUNT
    await crowd.pass_(60)
    assert sorted(crowd.pool.effects) == [f"pool-{number}" for number in range(COUNT)]


async def test_one_no_closes_them_all(crowd: House) -> None:
    names = await ask(crowd)

    answer = await all_of(crowd, names, yes=False)
    await crowd.pass_(60)

    assert answer.done
    assert [one.ending for one in await crowd.facts(facts.Decided)] == [Ending.REJECTED] * COUNT
    assert crowd.pool.effects == []


async def test_who_may_not_decide_one_decides_none_and_is_told_which(crowd: House) -> None:
    names = await ask(crowd)

    answer = await all_of(crowd, names, "U7")

    assert not answer.done
    assert answer.text.startswith(f"{names[0]}, s0: Only @oncall may decide this.")
    assert answer.text.endswith("So none of them was decided.")
    assert await voted(crowd) == []
    assert [one.who for one in await crowd.facts(facts.Barred)] == ["U7"]


async def test_who_was_removed_before_the_click_decides_none(crowd: House) -> None:
    names = await ask(crowd)
    crowd.people.groups["oncall"] = frozenset({"U2"})

    answer = await all_of(crowd, names)

    assert not answer.done
    assert await voted(crowd) == []


async def test_nothing_is_decided_when_nobody_can_tell_who_may(crowd: House) -> None:
    names = await ask(crowd)
    crowd.people.away = True

    answer = await all_of(crowd, names)

    assert "I could not check who may decide" in answer.text
    assert await voted(crowd) == []


async def test_what_is_not_open_any_more_is_skipped_and_said(crowd: House) -> None:
    names = await ask(crowd)
    await crowd.requests.vote(names[1], 1, "U2", yes=False, why="not this one")

    answer = await all_of(crowd, [*names, "inc-unknown"])

    assert answer.done
    assert "counted for 4 of 6" in answer.text
    assert f"{names[1]} is not open any more" in answer.text
    assert "rejected by <@U2>" in answer.text
    assert "inc-unknown is not open any more" in answer.text
    assert sorted(await voted(crowd)) == sorted(
        [(names[1], "U2"), *((name, "U1") for name in names if name != names[1])]
    )


async def test_a_round_that_is_over_is_not_voted_on(crowd: House) -> None:
    names = await ask(crowd)

    answer = await all_of(crowd, names, round_=2)

    assert not answer.done
    assert answer.text.startswith("None of them is open any more.")
    assert await voted(crowd) == []


async def test_after_the_deadline_none_is_decided(crowd: House) -> None:
    names = await ask(crowd)
    crowd.clock.advance(300)

    answer = await all_of(crowd, names)

    assert not answer.done
    assert await voted(crowd) == []


async def test_a_quorum_of_two_wants_two_people_for_each(crowd: House) -> None:
    crowd.library = library(quorum=2)
    names = await ask(crowd)

    first, same = await all_of(crowd, names), await all_of(crowd, names)
    assert "1 of 2 have approved" in first.text
    assert not same.done
    assert await crowd.facts(facts.Decided) == []

    await all_of(crowd, names, "U2")
    decided = await crowd.facts(facts.Decided)
    assert [one.by for one in decided] == [("U1", "U2")] * COUNT


async def test_plans_of_two_kinds_are_not_answered_together(crowd: House) -> None:
    names = await ask(crowd, 2)
    crowd.library = library(quorum=2)
    await crowd.intake.take([crowds.alert(number) for number in (2, 3)])
    await crowd.settle()
    every = [one.id for one in crowd.cases.open()]
    assert len(every) == 4

    answer = await all_of(crowd, every)

    assert "not of one kind" in answer.text
    assert await voted(crowd) == []
    assert (await all_of(crowd, names)).done


async def test_more_than_a_card_holds_are_not_answered_together(crowd: House) -> None:
    answer = await all_of(crowd, [f"inc-x{number}" for number in range(21)])

    assert answer.text == "21 plans are too many for one answer. Nothing was decided."


async def test_a_plan_that_moved_is_asked_for_anew_by_itself(crowd: House) -> None:
    names = await ask(crowd)
    crowd.library = library(quorum=2)

    await all_of(crowd, names[:2])
    await crowd.settle()

    assert {crowd.of(name).state for name in names} == {WAITING}
    rounds = [request.round for name in names if (request := incident.request_of(crowd.of(name)))]
    assert rounds == [2, 2, 1, 1, 1]
    assert crowd.pool.effects == []


@pytest.mark.parametrize("seed", range(3))
async def test_all_against_a_no_to_one_is_one_decision_each(path: Path, seed: int) -> None:
    house, chance = crowds.house(path, crowds.library(RACES, RACES)), Random(seed)
    await house.open()
    try:
        names = await ask(house, RACES)
        await house.pass_(10)

        async def reject(name: str) -> Answer:
            for _ in range(chance.randint(0, TURNS)):
                await asyncio.sleep(0)
            return await house.requests.vote(name, 1, "U2", yes=False, why="no")

        told, *noes = await asyncio.gather(all_of(house, names), *map(reject, names))
        await house.pass_(100)
        entries = await house.entries()
    finally:
        await house.close()
    letters = Counter(one.key for one in entries if one.key.endswith(":mail:decision:1"))
    approved = told.text.count(": Approved.")

    assert checker.of_record(path).faults == []
    assert (len(letters), set(letters.values())) == (RACES, {1})
    assert approved + sum(no.done for no in noes) == RACES
    assert len(house.pool.effects) == approved
