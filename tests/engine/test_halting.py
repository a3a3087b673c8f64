"""A stop meets everything that is open: each incident records it, and who stopped is told."""

from __future__ import annotations

from bot.core import facts
from bot.core.approval import Ending
from bot.core.lifecycle import State
from bot.slack.cards import root
from tests import builders
from tests.engine.houses import WAITING, House
from tests.engine.libraries import POOL, UNATTENDED, WEIGHT, steps


def told(house: House, name: str) -> str:
    return str(root.card(house.of(name), house.clock.now()).blocks)


async def running(house: House) -> str:
    """A run in the middle of the first of its two steps."""
    house.library = steps(POOL, WEIGHT)
    house.slow(house.pool)
    name = await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    return name


async def test_an_open_question_is_closed_with_who_and_why_on_its_card(house: House) -> None:
    name = await house.asked()
    answer = await house.orders.halt("U1", "storm")
    known = await house.until(State.CANCELLED)
    card = told(house, name)

    assert answer.text == (
        "Stopped: nothing begins, runs end at the next safe point. Closed without a run: 1."
    )
    assert known.decided is not None
    assert known.decided.ending is Ending.STOPPED
    assert known.halted == facts.Halted(by="U1", why="storm")
    assert "All healing was halted by" in card
    assert "storm" in card
    assert "approve_recovery" not in card


async def test_a_run_under_way_is_named_to_who_stopped_and_its_card_says_so_at_once(
    house: House,
) -> None:
    name = await running(house)
    answer = await house.orders.halt("U1", "storm")

    assert answer.text.endswith(
        f" Still under way: {name} is running (Raise the pool of a service, shop in production)."
    )
    assert "⏹️ *All healing was halted* by U1: Storm. It stops at its next safe point" in (
        told(house, name)
    )
    known = await house.until(State.CANCELLED, within=60)
    assert "Heal was stopped by U1: storm" in str(known.closed)


async def test_what_is_healed_says_that_nothing_goes_back_and_offers_no_undo(
    house: House,
) -> None:
    name = await house.healed()
    assert "undo_run" in told(house, name)
    await house.orders.halt("U1", "storm")

    assert "nothing goes back by itself until healing goes on" in told(house, name)
    assert "undo_run" not in told(house, name)


async def test_after_the_release_a_card_that_is_still_open_no_longer_says_it(
    house: House,
) -> None:
    name = await house.healed()
    await house.orders.halt("U1", "storm")
    await house.orders.resume("U1", "over")

    assert house.of(name).halted is None
    assert "halted" not in told(house, name)
    assert "undo_run" in told(house, name)


async def test_the_mark_survives_a_restart_and_is_written_with_the_order_itself(
    house: House,
) -> None:
    name = await house.healed()
    await house.orders.halt("U1", "storm")
    await house.restart()
    entries = [one for one in await house.entries() if one.kind == "house.halted"]

    assert house.of(name).halted is not None
    assert [one.incident for one in entries] == ["", name]
    assert entries[1].seq == entries[0].seq + 1


async def test_a_late_click_on_a_stopped_question_runs_nothing(house: House) -> None:
    await house.asked()
    await house.orders.halt("U1", "storm")
    await house.until(State.CANCELLED)
    said = await house.vote("U2")

    assert not said.done
    assert said.text.startswith("Not found or already executed: ")
    assert house.effects == []


async def test_a_stop_marks_a_hundred_questions_and_lets_none_of_them_run(house: House) -> None:
    shops = tuple(builders.a_service(name=f"shop-{number}") for number in range(100))
    house.library = builders.a_library(services=shops)
    for shop in shops:
        labels = {"service": shop.name, "environment": "production"}
        await house.fire(builders.an_alert(fingerprint=shop.name, labels=labels))
    await house.settle()
    names = [one.id for one in house.cases.open() if one.state is WAITING]
    answer = await house.orders.halt("U1", "storm")
    await house.settle()

    assert len(names) == 100
    assert answer.text.endswith(" Closed without a run: 100.")
    assert {house.of(name).state for name in names} == {State.CANCELLED}
    assert all("All healing was halted by" in told(house, name) for name in names)
    assert house.effects == []


async def test_an_unattended_house_marks_what_waits_for_the_all_clear(house: House) -> None:
    house.library = UNATTENDED
    await house.fire()
    await house.until(State.HEALED, within=60)
    answer = await house.orders.halt("U1", "storm")

    assert answer.text == "Stopped: nothing begins, runs end at the next safe point."
    assert house.incident.state is not WAITING
    assert house.incident.halted is not None
