"""A problem record is proposed once, links what it is about, and is listed ever after."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core import facts
from tests.engine.houses import later
from tests.engine.towns import Town, a_town, alert_of


@pytest.fixture
def town(path: Path) -> Town:
    return Town(path, a_town("a", "b", repeat_offender={"times": 2, "within": "7d"}))


async def comes_twice(town: Town) -> str:
    """Both times it is over before anything is done."""
    await town.open()
    town.sick.clear()
    for number in (0, 1):
        alert = later(600 * number, alert_of("a"))
        await town.fire(alert)
        await town.settle()
        await town.resolve(alert)
        await town.pass_(600)
    return town.incident.id


async def test_it_links_every_incident_of_the_trouble_and_stands_after_a_restart(
    town: Town,
) -> None:
    name = await comes_twice(town)
    await town.fire(alert_of("b"))
    answer = await town.orders.propose(name, "U1")
    await town.restart()
    (listed,) = town.cases.standing().problems
    known = town.of(name)
    await town.close()

    assert known.planned is not None
    assert known.planned.repeats == "repeat offender: 2 incidents in 7 days"
    assert (answer.done, answer.text) == (
        True, "Proposed: it links 2 incidents. `problems` lists it.",
    )  # fmt: skip
    assert (listed.by, listed.incidents) == ("U1", ("inc-a1", "inc-a2"))
    assert known.problem == listed


async def test_it_is_proposed_once(town: Town) -> None:
    name = await comes_twice(town)
    answers = [await town.orders.propose(name, who) for who in ("U1", "U2")]
    told = await town.facts(facts.Proposed)
    await town.close()

    assert [answer.done for answer in answers] == [True, False]
    assert answers[1].text == "U1 proposed that already; `problems` lists it."
    assert len(told) == 2  # one for the incident and one for the house


async def test_only_who_may_operate_heal_proposes_one(town: Town) -> None:
    name = await comes_twice(town)
    answer = await town.orders.propose(name, "U7")
    unknown = await town.orders.propose("inc-zzzzzz", "U1")
    problems = town.cases.standing().problems
    await town.close()

    assert (answer.done, unknown.done, problems) == (False, False, ())
