"""Alerts beyond those that an incident keeps whole are decided by as if it kept them all."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bot.core import rest, sighting, trouble
from bot.core.alert import Alert
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import House, later

FOUR = [builders.an_alert(fingerprint=f"f{number}") for number in range(1, 5)]


@pytest.fixture(autouse=True)
def only_one_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "MOST", 1)


async def healed(house: House) -> None:
    for alert in FOUR:
        assert await house.fire(alert) == "inc-a1"
    await house.until(State.AWAITING_APPROVAL)
    await house.vote()
    await house.until(State.HEALED, within=60)


async def resolved(house: House, *alerts: Alert) -> None:
    for alert in alerts:
        assert await house.resolve(alert) == "inc-a1"
    await house.settle()


async def test_it_is_resolved_when_the_last_of_them_clears_and_not_before(house: House) -> None:
    await healed(house)
    await resolved(house, *FOUR[:3], *FOUR[:3], FOUR[2])
    before = house.incident.state
    await resolved(house, FOUR[3])

    assert (before, len(house.incident.alerts)) == (State.HEALED, 1)
    assert (await house.until(State.RESOLVED)).id == "inc-a1"


async def test_the_next_life_knows_the_same(house: House) -> None:
    await healed(house)
    await resolved(house, *FOUR[:3])
    whole = house.incident
    await house.restart()
    again = house.incident
    await resolved(house, FOUR[2])

    assert again == whole
    assert house.incident.state is State.HEALED
    await resolved(house, FOUR[3])
    assert (await house.until(State.RESOLVED)).id == "inc-a1"


async def test_one_that_is_sent_again_is_no_news(house: House) -> None:
    await house.asked()
    for alert in FOUR * 3:
        assert await house.fire(alert) == "inc-a1"

    assert house.incident.seen == 4


async def test_one_that_comes_back_after_all_were_clear_proves_it_was_not_fixed(
    house: House,
) -> None:
    await healed(house)
    await resolved(house, *FOUR)
    await house.until(State.RESOLVED)
    again = await house.fire(later(300, FOUR[3]))

    assert house.of(again).opened.relapse_of == "inc-a1"
    assert house.of("inc-a1").state is State.NOT_FIXED


async def test_a_plan_is_withdrawn_only_when_none_of_them_fires_any_more(house: House) -> None:
    for alert in FOUR:
        await house.fire(alert)
    await house.until(State.AWAITING_APPROVAL)
    await resolved(house, *FOUR[:3])
    before = house.incident.state
    await resolved(house, FOUR[3])

    assert before is State.AWAITING_APPROVAL
    assert (await house.until(State.WITHDRAWN)).id == "inc-a1"


async def test_what_is_found_by_a_false_sighting_is_not_believed(house: House) -> None:
    for alert in FOUR:
        await house.fire(alert)
    names = [sighting.alert(trouble.of(alert), alert.fingerprint) for alert in FOUR]
    honest = house.cases.told(FOUR[3])
    with closing(sqlite3.connect(house.path)) as forger:
        forger.execute("delete from sighting where alert = ?", [names[3]])
        forger.execute("update sighting set alert = ? where alert = ?", [names[3], names[2]])
        forger.commit()

    assert (honest, house.cases.told(FOUR[3])) == (FOUR[3], None)


async def test_no_life_remembers_the_alerts_that_joined(house: House) -> None:
    await house.asked()
    for number in range(5, 60):
        await house.fire(builders.an_alert(fingerprint=f"f{number}"))
    first = remembered(house)
    await house.restart()
    await house.until(State.AWAITING_APPROVAL)

    assert house.incident.seen == 56
    assert 0 < first < 20
    assert remembered(house) == 0, "it sleeps"


def remembered(house: House) -> int:
    lives = house.journal._lives.values()
    return sum(len(life._entries) + len(life._put_away) for life in lives)
