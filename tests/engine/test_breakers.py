"""What a breaker counts is what the record says, also of what came back long after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.core.policy.circuit_breaker import Position
from tests import builders
from tests.engine.houses import later
from tests.engine.towns import Town, a_town, alert_of

BREAKER = {"failures": 1, "within": "1h", "open_for": "1h"}


@pytest.fixture
async def town(path: Path) -> AsyncIterator[Town]:
    made = a_town("a", "b", breaker=BREAKER)
    book = made.runbooks[0]
    verify = book.verify.model_copy(update={"relapse": timedelta(hours=9)})
    library = builders.a_library(
        book.model_copy(update={"verify": verify}), services=made.services, rulebook=made.rulebook
    )
    built = Town(path, library)
    await built.open()
    yield built
    await built.close()


async def comes_back(town: Town, hours: float) -> None:
    """It is healed and clear; so much later it fires again."""
    town.mend("a", "b")
    await town.breaks("a")
    await town.until(State.HEALED, within=60)
    await town.resolve(alert_of("a"))
    await town.until(State.RESOLVED)
    await town.pass_(hours * 3600)
    town.sick.add("a")
    await town.fire(later(hours * 3600, alert_of("a")))
    await town.settle()


async def test_a_heal_that_did_not_last_opens_it_hours_later(town: Town) -> None:
    before = town.orders.breakers()
    await comes_back(town, hours=8)
    (after,) = town.orders.breakers()

    assert before == ()
    assert (after.service, after.circuit.position) == ("a", Position.OPEN)
    assert after.circuit.until == town.of("inc-a2").opened_at + timedelta(hours=1)
    assert [(run.incident, run.ended) for run in after.circuit.failed] == [
        ("inc-a1", State.NOT_FIXED)
    ]
    assert town.of("inc-a2").state is State.AWAITING_APPROVAL


async def test_it_stands_the_same_after_a_restart(town: Town) -> None:
    await comes_back(town, hours=8)
    before = town.orders.breakers()
    await town.restart()

    assert town.orders.breakers() == before


async def test_it_is_half_open_when_its_time_is_over_and_a_success_closes_it(town: Town) -> None:
    await comes_back(town, hours=8)
    await town.requests.vote("inc-a2", 1, "U1", yes=False, why="not now")
    await town.pass_(3599)
    (open_,) = town.orders.breakers()
    await town.pass_(1)
    (half,) = town.orders.breakers()
    await town.resolve(later(8 * 3600, alert_of("a")))
    await town.fire(later(10 * 3600, alert_of("a")))
    asked = await town.until(State.AWAITING_APPROVAL)
    await town.requests.vote(asked.id, 1, "U1", yes=True, why="")
    await town.until(State.HEALED, within=60)

    assert (open_.circuit.position, half.circuit.position) == (Position.OPEN, Position.HALF_OPEN)
    assert town.orders.breakers() == ()
