"""Healing that brings its own trouble back is bounded, whatever heals what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.lifecycle import ENDS, State
from tests import builders
from tests.engine.houses import later
from tests.engine.towns import Town, a_town, alert_of

ROUNDS = 30
BOUND = builders.a_rulebook().attempts


@pytest.fixture
async def town(path: Path) -> AsyncIterator[Town]:
    """Two services that are mended unattended; the relapse window is over at once."""
    made = a_town("a", "b")
    book = made.runbooks[0]
    verify = book.verify.model_copy(update={"relapse": timedelta(seconds=1)})
    library = builders.a_library(
        book.model_copy(update={"verify": verify}), services=made.services, rulebook=made.rulebook
    )
    built = Town(path, library)
    built.sick.clear()
    built.mend("a", "b")
    await built.open()
    yield built
    await built.close()


async def round_(town: Town, service: str, at: float) -> State:
    """The service breaks; what becomes of it, and it is over as soon as it was mended."""
    alert = later(at, alert_of(service))
    town.sick.add(service)
    name = await town.fire(alert)
    ended = await town.until(State.HEALED, State.AWAITING_APPROVAL, *ENDS, within=90, name=name)
    if ended.state is State.HEALED:
        await town.resolve(alert)
    await town.pass_(30)
    return ended.state


@pytest.mark.parametrize("services", ["a", "ab"])
async def test_f05_what_brings_its_own_trouble_back_is_healed_so_often_and_then_a_persons(
    town: Town, services: str
) -> None:
    """With two, mending the one breaks the other: each run is a success, and none of them ends."""
    began = town.clock.monotonic()
    for number in range(ROUNDS):
        service = services[number % len(services)]
        await round_(town, service, town.clock.monotonic() - began)

    hours = (town.clock.monotonic() - began) / 3600
    for service in services:
        allowed = BOUND.limit * (1 + hours * 3600 / BOUND.within.total_seconds())
        assert 1 <= town.mending.begun.count(service) <= allowed
    assert town.incident.state in {State.AWAITING_APPROVAL, State.ESCALATED}
