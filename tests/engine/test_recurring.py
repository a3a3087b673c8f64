"""What fires again and again is counted over incidents and within one, and over restarts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import occurrence
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import later
from tests.engine.towns import Town, a_town, alert_of


@pytest.fixture
async def town(path: Path) -> AsyncIterator[Town]:
    built = Town(path, a_town("a", "b", attempts={"limit": 3, "within": "10m"}))
    await built.open()
    yield built
    await built.close()


async def flaps(town: Town, *, times: int, first: int = 0) -> None:
    """It fires and is over by itself before anything is done, so many times."""
    town.sick.discard("a")
    for number in range(first, first + times):
        alert = later(60 * number, alert_of("a"))
        await town.fire(alert)
        await town.until(State.ALREADY_HEALTHY)
        await town.resolve(alert)
        await town.pass_(60)


async def test_the_third_time_in_half_an_hour_it_is_marked_and_asked_for(town: Town) -> None:
    await flaps(town, times=2)
    town.sick.add("a")
    await town.fire(later(600, alert_of("a")))
    asked = await town.until(State.AWAITING_APPROVAL)

    assert asked.planned is not None
    assert asked.planned.flapping == "flapping: 3 times in 30 min"
    assert asked.planned.risk is not None
    assert "+5: flapping: 3 times in 30 min" in asked.planned.risk.reasons


async def test_it_is_marked_where_nothing_is_planned_too(town: Town) -> None:
    await flaps(town, times=3)

    assert town.incident.planned is not None
    assert town.incident.planned.flapping == "flapping: 3 times in 30 min"


async def test_it_is_counted_over_a_restart(town: Town) -> None:
    await flaps(town, times=1)
    await town.restart()
    await flaps(town, times=1, first=1)
    await town.restart()
    await flaps(town, times=1, first=2)

    assert [one.incident for one in town.incident.fired] == ["inc-a1", "inc-a2", "inc-a3"]


async def test_it_is_counted_within_one_incident(town: Town) -> None:
    await town.breaks("a")
    for number in (1, 2):
        await town.resolve(later(60 * (number - 1), alert_of("a")))
        await town.fire(later(60 * number, alert_of("a")))
    await town.fire(alert_of("a").model_copy(update={"fingerprint": "another pod"}))

    assert town.incident.id == "inc-a1"
    assert [one.incident for one in town.incident.fired] == ["inc-a1"] * 3


async def test_another_service_is_another_trouble(town: Town) -> None:
    await flaps(town, times=3)
    await town.breaks("b")

    assert [one.incident for one in town.incident.fired] == ["inc-a4"]


async def test_as_many_are_remembered_as_a_policy_may_count(town: Town) -> None:
    await flaps(town, times=occurrence.MOST + 2)

    assert len(town.incident.fired) == occurrence.MOST
    assert town.incident.fired[0].incident == "inc-a3"


async def test_after_three_attempts_a_person_is_called_with_what_was_tried(town: Town) -> None:
    book = town.library.runbooks[0]
    verify = book.verify.model_copy(update={"relapse": timedelta(seconds=1)})
    rules = town.library.rulebook.model_copy(
        update={"flapping": builders.a_rulebook(
            flapping={"times": 20, "within": "1m"}).flapping}
    )  # fmt: skip
    town.library = builders.a_library(
        book.model_copy(update={"verify": verify}), services=town.library.services, rulebook=rules
    )
    town.mend("a")
    for number in range(3):
        alert = later(60 * number, alert_of("a"))
        town.sick.add("a")
        await town.fire(alert)
        await town.until(State.HEALED, within=60)
        await town.resolve(alert)
        await town.until(State.RESOLVED)
        await town.pass_(60)
    town.sick.add("a")
    await town.fire(later(600, alert_of("a")))
    called = await town.until(State.ESCALATED)

    assert len(town.mending.begun) == 3
    assert called.escalated is not None
    assert "3 of 3 attempts in 10 min at a: ServiceDown. Tried: inc-a1 mend at" in (
        called.escalated.why
    )
