"""The kill switch: one word stops the house, and only some may release it."""

from __future__ import annotations

from bot.core import facts
from bot.core.lifecycle import State
from bot.engine import recording
from tests import builders
from tests.engine.houses import House


async def test_while_the_house_is_stopped_nothing_new_begins(house: House) -> None:
    await house.orders.halt("U1", "storm, token=abcdefgh")
    await house.fire()
    known = await house.until(State.ESCALATED)

    assert known.closed is not None
    assert "U1 halted everything (storm, token=•••)" in known.closed.says


async def test_the_kill_switch_closes_every_open_question(house: House) -> None:
    await house.asked()
    await house.orders.halt("U1", "storm")
    known = await house.until(State.CANCELLED)

    assert known.closed is not None
    assert known.closed.says == "Heal was stopped: nothing was executed (storm)"


async def test_questions_that_a_death_left_open_behind_a_stop_are_closed_at_the_restart(
    house: House,
) -> None:
    await house.asked()
    stop = facts.Halted(by="U1", why="storm")
    await recording.record(house.world, "", "halted:then", stop, "U1")
    await house.restart()
    known = await house.until(State.CANCELLED)

    assert known.closed is not None
    assert known.closed.says == "Heal was stopped: nothing was executed (storm)"


async def test_the_kill_switch_survives_a_restart(house: House) -> None:
    await house.orders.halt("U1", "storm")
    await house.restart()
    await house.fire()
    await house.until(State.ESCALATED)

    assert house.effects == []


async def test_a_stop_is_pulled_once_and_released_once(house: House) -> None:
    orders = house.orders
    said = [
        (await orders.resume("U1", "")).text,
        (await orders.halt("U1", "")).text,
        (await orders.halt("U1", "")).text,
        (await orders.resume("U1", "token=abcdefgh")).text,
    ]

    assert said == [
        "Heal is not stopped.",
        "Stopped: nothing begins, runs end at the next safe point.",
        "Heal is stopped already.",
        "Heal works again.",
    ]
    assert [resumed.why for resumed in await house.facts(facts.Resumed)] == ["token=•••"]


async def test_after_the_stop_is_released_healing_goes_on(house: House) -> None:
    await house.orders.halt("U1", "storm")
    await house.orders.resume("U1", "over")
    await house.restart()

    assert await house.asked()


async def test_only_the_approvers_of_high_risk_release_the_stop(house: House) -> None:
    house.library = builders.a_library(
        rulebook=builders.a_rulebook(
            approvers={"high": {"groups": ["leads"], "people": ["U8"]}},
            operators={"groups": ["oncall"]},
        )
    )
    await house.orders.halt("U1", "storm")
    answer = await house.orders.resume("U1", "over")

    assert answer.text == (
        "Only @leads, U8 may release the stop. Nothing was changed; ask one of them."
    )
    assert (await house.orders.resume("U8", "over")).done
