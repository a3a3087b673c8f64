"""A wall clock that is set in the middle of things makes nothing unsafe."""

from __future__ import annotations

import pytest

from bot.core.lifecycle import State
from tests.engine.houses import SICK, House
from tests.engine.libraries import reverting

HOUR = 3600


async def test_a_clock_set_forward_ends_the_question_at_once(house: House) -> None:
    await house.asked()
    house.clock.set(HOUR)
    answer = await house.vote()
    await house.until(State.EXPIRED, within=30)

    assert (answer.done, house.effects) == (False, [])


async def test_a_clock_set_back_gives_nobody_more_time_to_say_yes(house: House) -> None:
    await house.asked()
    house.clock.set(-HOUR)
    await house.pass_(300)
    answer = await house.vote()

    assert house.incident.state is State.EXPIRED
    assert (answer.done, house.effects) == (False, [])


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
async def test_verifying_takes_as_long_whatever_the_wall_clock_says(
    house: House, seconds: int
) -> None:
    house.pool.then = lambda: house.health.says(SICK)
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING)
    house.clock.set(seconds)
    await house.pass_(65)

    assert house.incident.state is State.VERIFYING

    assert (await house.until(State.ESCALATED, within=10)).verified is not None


async def test_a_clock_set_back_does_not_keep_a_change_that_goes_back(house: House) -> None:
    house.library = reverting(after="5m")
    await house.healed()
    await house.resolve()
    house.clock.set(-HOUR)
    await house.until(State.REVERTED, within=301)

    assert house.effects == ["pool=50", "undo pool=20"]
