"""The figures of what systems outside were told, and of what they were not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import correspondents
from bot.core import updates
from bot.engine.corresponding import Corresponding
from bot.telemetry import metrics
from tests.desks.fake import FakeDesk
from tests.engine.houses import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    one = House(tmp_path / "heal.db")
    await one.open()
    yield one
    await one.close()


def in_step(house: House, **desks: FakeDesk) -> dict[str, Corresponding]:
    begun = {name: Corresponding(house.world, name, desk, str) for name, desk in desks.items()}
    for one in begun.values():
        one.begin()
    return begun


async def test_what_is_given_up_is_counted_by_system_until_it_was_told_after_all(
    house: House,
) -> None:
    closed, open_ = FakeDesk(), FakeDesk()
    closed.refuses = ".0"
    begun = in_step(house, closed=closed, open=open_)
    await house.healed()
    await house.pass_(60)
    many = len([*updates.of(house.incident)])
    before = correspondents._figures(begun, house.world.untold)
    closed.refuses = ""
    await house.orders.retell("U1")
    await house.settle()
    after = correspondents._figures(begun, house.world.untold)

    assert before[metrics.GIVEN_UP] == {("closed",): 1, ("open",): 0}
    assert after[metrics.GIVEN_UP] == {("closed",): 0, ("open",): 0}
    assert before[metrics.UNTOLD] == {("closed",): 0, ("open",): 0}
    told = before[metrics.TOLD]
    assert sum(count for (name, _), count in told.items() if name == "open") == many
