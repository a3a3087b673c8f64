"""What is under way does what was approved, whatever changes on disk meanwhile."""

from __future__ import annotations

import pytest

from bot.core.lifecycle import State
from bot.core.values import Facts
from tests import builders
from tests.engine.houses import House
from tests.engine.libraries import CACHE, POOL, WEIGHT, steps


@pytest.mark.parametrize("restarted", [False, True])
async def test_e11_a_runbook_that_is_edited_under_a_run_changes_nothing_of_it(
    house: House, *, restarted: bool
) -> None:
    """Its later steps, its proof and its way back are those that people said yes to."""
    house.library = steps(POOL, WEIGHT)
    house.pool.then = house.weight.then = lambda: None
    if restarted:
        house.pool.hangs = "after"
    else:
        house.slow(house.pool)
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    await house.settle()
    blind: Facts = {"verify": False}
    house.library = builders.a_library(builders.a_runbook(steps=[CACHE], rollback=blind))
    if restarted:
        await house.restart()
    ended = await house.until(State.ESCALATED, within=400)

    assert house.cache.effects == []
    assert house.weight.effects == ["weight=10", "undo weight=20"]
    assert house.effects == ["pool=50", "undo pool=20"]
    assert ended.rolled_back is not None
    assert ended.rolled_back.clean
