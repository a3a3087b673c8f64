"""What was agreed on begins soon and unchanged, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core import facts
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import House
from tests.engine.libraries import UNATTENDED


async def dies_before_it_begins(house: House, *, asks: bool) -> None:
    """Everything is agreed on; then the house dies before the run begins."""
    entries = 8 if asks else 5
    await house.open(entries=entries)
    if asks:
        await house.asked()
        await house.vote()
    else:
        await house.fire()
    await house.settle()
    last = (await house.entries())[-1]

    assert last.kind == ("plan.rebuilt" if asks else "policy.allowed")


@pytest.mark.parametrize("asks", [True, False])
async def test_what_was_agreed_on_long_ago_does_not_begin(path: Path, *, asks: bool) -> None:
    house = House(path, None if asks else UNATTENDED)
    await dies_before_it_begins(house, asks=asks)
    await house.restart(away=301)
    known = await house.until(State.ESCALATED)
    await house.close()

    assert house.effects == []
    assert known.closed is not None
    assert "its plan was built 5 min ago, and holds for 5 min" in known.closed.says


@pytest.mark.parametrize("asks", [True, False])
async def test_what_was_agreed_on_just_now_begins(path: Path, *, asks: bool) -> None:
    house = House(path, None if asks else UNATTENDED)
    await dies_before_it_begins(house, asks=asks)
    await house.restart(away=299)
    await house.until(State.HEALED, within=60)
    await house.close()

    assert house.effects == ["pool=50"]


async def test_what_nobody_approved_does_not_begin_when_policy_asks_by_now(path: Path) -> None:
    house = House(path, UNATTENDED)
    await dies_before_it_begins(house, asks=False)
    house.library = builders.a_library(
        *UNATTENDED.runbooks,
        rulebook=UNATTENDED.rulebook.model_copy(update={"never_unattended": ("fake.pool",)}),
    )
    await house.restart()
    known = await house.until(State.ESCALATED)
    await house.close()

    assert house.effects == []
    assert known.started is not None
    assert known.started.refused[0] == (
        "step 1, fake.pool, never runs without a person's yes"
    )  # fmt: skip


@pytest.mark.parametrize("change", ["runbook", "policy"])
async def test_what_was_agreed_on_does_not_begin_when_its_words_changed(
    path: Path, change: str
) -> None:
    house = House(path)
    await dies_before_it_begins(house, asks=True)
    if change == "runbook":
        house.library = builders.a_library(builders.a_runbook(title="Raise it in another way"))
    else:
        house.library = builders.a_library(rulebook=builders.a_rulebook(concurrency=2))
    await house.restart()
    await house.until(State.ESCALATED)
    refused = [one.refused for one in await house.facts(facts.Started)]
    await house.close()

    assert house.effects == []
    assert len(refused) == 1
    assert refused[0][0].endswith("changed after the plan was built")
