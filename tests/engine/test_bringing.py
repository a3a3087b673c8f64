"""Who brings an alert counts as who asked for it, and only who operates Heal may bring one."""

from __future__ import annotations

from bot.core import facts, telling
from bot.core.lifecycle import State
from bot.engine.authority import Authority
from bot.engine.bringing import Bringing
from tests import builders
from tests.engine.houses import WAITING, House


def bringing(house: House) -> Bringing:
    return Bringing(house.world, Authority(house.world), house.intake.take)


async def test_who_brought_an_alert_may_not_approve_what_comes_of_it(house: House) -> None:
    alert = builders.an_alert(confidence=0.0)
    answer = await bringing(house).bring([alert], "U1")
    asked = await house.until(WAITING)
    opened = next(one.fact for one in asked.story if isinstance(one.fact, facts.Opened))

    assert (answer.done, asked.state) == (True, State.AWAITING_APPROVAL)
    assert asked.asked is not None
    assert asked.asked.request.excluded == ("U1",)
    assert opened.asking == ("U1",), "no break-glass by them either"
    assert "U1 pointed to it" in telling.sentence(opened)

    refused = await house.requests.vote(asked.id, 0, "U1", yes=True, why="")
    assert "You asked for this yourself" in refused.text
    assert (await house.requests.vote(asked.id, 0, "U2", yes=True, why="")).done


async def test_a_stranger_brings_nothing(house: House) -> None:
    answer = await bringing(house).bring([builders.an_alert()], "U77")

    assert (answer.done, house.cases.open()) == (False, [])
    assert "may do that" in answer.text


async def test_an_alert_that_was_taken_already_stays_in_its_incident(house: House) -> None:
    alert = builders.an_alert()
    (name,) = await house.intake.take([alert])
    answer = await bringing(house).bring([alert], "U1")

    assert (answer.incident, len(house.cases.open())) == (name, 1)


async def test_what_is_over_comes_to_nothing(house: House) -> None:
    over = builders.an_alert(status="resolved", ends_at=builders.START)
    answer = await bringing(house).bring([over], "U1")

    assert (answer.done, house.cases.open()) == (False, [])


async def test_who_may_operate_cannot_be_known_means_no(house: House) -> None:
    house.people.away = True
    answer = await bringing(house).bring([builders.an_alert()], "U1")

    assert (answer.done, house.cases.open()) == (False, [])
    assert "could not check" in answer.text
