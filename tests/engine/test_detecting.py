"""A detector tells of trouble that lasts, and of its end, once each; blind it tells nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.core.alert import Alert, AlertStatus
from bot.core.detector import Detector
from bot.core.errors import PermanentError, StoreUnavailable
from bot.core.lifecycle import State
from tests.engine.houses import HEALTHY, SICK, WAITING, House

DETECTOR = Detector.model_validate(
    {
        "detector": "shop-is-down",
        "probes": [{"probe": "fake.health", "as": "health"}],
        "every": "10s",
        "firing": "health.status != 200",
        "sustain": "30s",
        "alert": {
            "name": "ServiceDown",
            "severity": "critical",
            "service": "shop",
            "environment": "production",
            "summary": "shop does not answer",
        },
    }
)


async def look(house: House, times: int) -> None:
    for _ in range(times):
        await house.look(DETECTOR)
        await house.pass_(10)


def known(house: House) -> int:
    return len(house.cases.recent(9))


async def test_trouble_that_lasts_becomes_an_incident(house: House) -> None:
    await look(house, 3)

    assert known(house) == 0

    await look(house, 1)
    found = await house.until(WAITING)

    assert found.opened.alert is not None
    assert (found.opened.alert.source, found.service) == ("detector", "shop")
    assert found.opened.title == "shop does not answer"


async def test_trouble_that_comes_and_goes_raises_nothing(house: House) -> None:
    house.health.says(*[SICK, SICK, HEALTHY] * 5)
    await look(house, 15)

    assert known(house) == 0


async def test_three_looks_in_a_row_are_counted_and_one_between_begins_anew(house: House) -> None:
    thrice = DETECTOR.model_copy(update={"times": 3, "sustain": timedelta()})
    house.health.says(SICK, SICK, HEALTHY, SICK, SICK, PermanentError("no answer"), SICK)
    for _ in range(8):
        await house.look(thrice)

    assert known(house) == 0

    await house.look(thrice)

    assert known(house) == 1


async def test_trouble_is_told_once(house: House) -> None:
    await look(house, 10)

    assert (known(house), house.incident.seen) == (1, 1)


async def test_the_end_of_the_trouble_is_told_too(house: House) -> None:
    await look(house, 4)
    await house.until(WAITING)
    house.health.says(HEALTHY)
    await look(house, 1)

    assert (await house.until(State.WITHDRAWN)).firing == ()


async def test_a_detector_that_cannot_see_raises_nothing(house: House) -> None:
    house.health.says(PermanentError("no answer"))
    await look(house, 10)

    assert known(house) == 0


async def test_a_detector_that_goes_blind_does_not_call_it_over(house: House) -> None:
    await look(house, 4)
    await house.until(WAITING)
    house.health.says(PermanentError("no answer"))
    await look(house, 5)

    assert house.incident.state is WAITING


async def test_a_moment_of_blindness_begins_the_wait_anew(house: House) -> None:
    house.health.says(SICK, SICK, SICK, PermanentError("no answer"), SICK)
    await look(house, 7)

    assert known(house) == 0


async def test_what_was_told_before_a_restart_is_not_told_again(house: House) -> None:
    await look(house, 4)
    await house.until(WAITING)
    await house.restart()
    await look(house, 5)

    assert (known(house), house.incident.seen) == (1, 1)


async def test_the_end_is_told_also_when_it_comes_after_a_restart(house: House) -> None:
    await look(house, 4)
    await house.until(WAITING)
    await house.restart()
    house.health.says(HEALTHY)
    await look(house, 1)

    assert (await house.until(State.WITHDRAWN)).firing == ()


async def test_what_could_not_be_told_is_told_at_the_next_look(house: House) -> None:
    told: list[Alert] = []

    async def take(alerts: Any) -> None:
        if not told:
            told.extend(alerts)
            raise StoreUnavailable("disk full")
        told.extend(alerts)

    house.detecting._take = take
    await look(house, 3)
    try:
        await look(house, 1)
    except StoreUnavailable:
        await look(house, 1)

    assert [alert.status for alert in told] == [AlertStatus.FIRING, AlertStatus.FIRING]
