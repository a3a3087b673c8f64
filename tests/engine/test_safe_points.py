"""A stop holds at once: no step begins after it, however long ago it was claimed or tried."""

from __future__ import annotations

import pytest

from bot.core import facts
from bot.core.errors import TemporaryError
from bot.core.facts import StepEnding
from bot.core.lifecycle import State
from tests.engine.houses import House
from tests.engine.libraries import POOL, WEIGHT, steps


async def died_in_its_only_step(house: House, hangs: str, on_uncertain: str) -> None:
    """The step is claimed and begun; then the house dies."""
    house.library = steps({**POOL, "on_uncertain": on_uncertain})
    house.pool.hangs = hangs
    await house.asked()
    await house.vote()
    await house.pool.begun.wait()
    await house.settle()


async def test_the_kill_switch_stops_a_run_at_its_next_safe_point(house: House) -> None:
    house.library = steps(WEIGHT, POOL)
    house.slow(house.weight)
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    await house.orders.halt("U2", "storm")
    await house.until(State.CANCELLED, within=20)

    assert house.effects == []
    assert house.weight.effects == ["weight=10", "undo weight=20"]


async def test_a_step_is_not_tried_again_after_a_stop(house: House) -> None:
    house.pool.errors = [TemporaryError("busy", retry_after=10)]
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    await house.orders.halt("U2", "storm")
    known = await house.until(State.CANCELLED, within=20)

    assert house.effects == ["undo pool=20"]
    assert (known.steps[0].ending, known.steps[0].says) == (
        StepEnding.FAILED, "not tried again: Heal was stopped by U2: storm",
    )  # fmt: skip


async def test_a_step_that_was_claimed_before_the_stop_is_not_done_by_a_later_life(
    house: House,
) -> None:
    await died_in_its_only_step(house, "before", "probe")
    await house.orders.halt("U2", "storm")
    await house.restart()
    known = await house.until(State.CANCELLED)

    assert house.effects == []
    assert known.steps[0].ending is StepEnding.SKIPPED


async def test_a_step_that_may_be_repeated_is_not_repeated_after_the_stop(house: House) -> None:
    await died_in_its_only_step(house, "after", "redo")
    await house.orders.halt("U2", "storm")
    await house.restart()
    await house.until(State.CANCELLED)

    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_step_that_was_claimed_long_ago_is_not_done_any_more(house: House) -> None:
    await died_in_its_only_step(house, "before", "probe")
    await house.restart(away=1801)
    known = await house.until(State.ESCALATED)

    assert house.effects == []
    assert known.closed is not None
    assert "the run took longer than 1800 s" in known.closed.says


async def test_a_run_whose_time_is_up_is_taken_back_and_calls_a_person(house: House) -> None:
    house.library = steps(WEIGHT, POOL)
    house.slow(house.weight, 1801)
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=1900)

    assert house.effects == []
    assert house.weight.effects == ["weight=10", "undo weight=20"]
    assert known.escalated is not None


@pytest.mark.parametrize("word", ["cancel", "halt"])
async def test_what_people_stopped_ends_as_cancelled(house: House, word: str) -> None:
    house.library = steps(WEIGHT, POOL)
    house.slow(house.weight)
    name = await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    if word == "cancel":
        await house.requests.cancel(name, "U1", "wrong shop")
    else:
        await house.orders.halt("U1", "storm")
    await house.until(State.CANCELLED, within=20)

    assert [acted.failed for acted in await house.facts(facts.Acted)] == [""]
