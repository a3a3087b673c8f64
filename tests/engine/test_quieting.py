"""What has to last, or fires while people work there, bothers nobody until its time has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core import facts
from bot.core.alert import Alert, Severity
from bot.core.library import Library
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import SICK, WAITING, House, later

SLOW = builders.an_alert(name="Latency", fingerprint="slow", severity=Severity.WARNING)
HOUR = timedelta(hours=1)


def settling(*lines: dict[str, Any], **changes: Any) -> Library:
    """Latency must last two minutes, and has a runbook of its own."""
    settle = lines or ({"alerts": ["Latency"], "lasts": "2m"},)
    return builders.a_library(
        builders.a_runbook(**changes),
        builders.a_runbook(runbook="speed-up", match={"alerts": ["Latency"]}),
        rulebook=builders.a_rulebook(settle=list(settle)),
    )


def working(hours: float = 1, **changes: Any) -> Library:
    """People work on the shop, from an hour ago until in so many hours."""
    window = {"name": "patch night", "starts": builders.START - HOUR,
              "ends": builders.START + hours * HOUR, **changes}  # fmt: skip
    return builders.a_library(rulebook=builders.a_rulebook(maintenance=[window]))


async def quiet(house: House, alert: Alert) -> str:
    name = await house.fire(alert)
    await house.settle()
    assert house.of(name).quiet is not None
    assert house.of(name).chosen is None
    return name


async def test_nothing_is_planned_or_asked_before_an_alert_has_lasted(house: House) -> None:
    house.library = settling()
    name = await quiet(house, SLOW)
    await house.pass_(119)
    before = house.of(name)
    known = await house.until(WAITING, within=2)

    assert (before.state, before.chosen, before.told) == (State.OPENED, None, 1)
    assert (known.id, known.quiet) == (name, None)
    assert known.plan is not None
    assert known.plan.runbook == "speed-up"


async def test_what_clears_in_that_time_bothers_nobody_and_the_record_says_so(
    house: House,
) -> None:
    house.library = settling()
    name = await quiet(house, SLOW)
    await house.pass_(60)
    await house.resolve(SLOW)
    known = await house.until(State.WITHDRAWN)

    assert (known.id, known.chosen, known.escalated) == (name, None, None)
    assert known.quiet is not None
    assert known.closed is not None
    assert known.closed.says == ("the alert cleared by itself before anybody was told: an alert "
                                 "like this must last 2 min first")  # fmt: skip


async def test_the_time_is_counted_over_a_restart(house: House) -> None:
    house.library = settling()
    await quiet(house, SLOW)
    await house.pass_(60)
    await house.restart(away=30)
    await house.settle()
    assert house.incident.quiet is not None
    await house.pass_(28)
    assert house.incident.quiet is not None

    await house.until(WAITING, within=3)


async def test_what_lasted_while_heal_was_away_is_dealt_with_at_once(house: House) -> None:
    house.library = settling()
    await quiet(house, SLOW)
    await house.restart(away=300)

    await house.until(WAITING)


async def test_a_runbook_says_how_long_its_alerts_must_last_and_the_longest_counts(
    house: House,
) -> None:
    match = {"alerts": ["ServiceDown"], "lasts": "5m"}
    house.library = settling({"lasts": "1m"}, {"lasts": "90s"}, match=match)
    first = await quiet(house, builders.an_alert())
    await house.pass_(299)
    assert house.of(first).quiet is not None

    await house.until(WAITING, within=2)


async def test_an_alert_that_need_not_last_is_not_kept_waiting_behind_one_that_must(
    house: House,
) -> None:
    house.library = settling()
    first = await quiet(house, SLOW)
    second = await house.fire()
    known = await house.until(WAITING, name=second)

    assert first != second
    assert known.opened.alert == builders.an_alert()


async def test_what_lasted_goes_on_in_the_incident_that_is_dealt_with_already(
    house: House,
) -> None:
    house.library = settling()
    first = await quiet(house, SLOW)
    second = await house.fire()
    await house.until(WAITING, name=second)
    await house.pass_(121)
    ended, other = house.of(first), house.of(second)

    assert (ended.state, ended.chosen) == (State.CANCELLED, None)
    assert ended.passed_on == facts.PassedOn(to=second, count=1, alerts=("Latency",))
    assert {one.apart for one in other.apart.values()} == {"speed-up"}
    assert [one.id for one in house.cases.open()] == [second]


async def test_two_that_lasted_together_are_dealt_with_one_after_the_other(house: House) -> None:
    house.library = settling({"alerts": ["Latency"], "lasts": "2m"},
                             {"alerts": ["ServiceDown"], "lasts": "1m"})  # fmt: skip
    first = await quiet(house, SLOW)
    second = await quiet(house, builders.an_alert())
    await house.pass_(130)

    assert house.of(first).state is State.CANCELLED
    assert house.of(second).state is WAITING
    assert set(house.of(second).apart) == {"slow"}


async def test_what_came_back_need_not_last_once_more(house: House) -> None:
    house.library = settling({"alerts": ["ServiceDown"], "lasts": "2m"})
    await house.fire()
    await house.until(WAITING, within=130)
    await house.vote()
    healed = await house.until(State.HEALED, within=60)
    house.health.says(SICK)
    again = await house.fire(later(60)) if await house.resolve() else ""
    known = await house.until(WAITING, name=again)

    assert (known.opened.relapse_of, known.opened.quiet) == (healed.id, None)


async def test_while_people_work_there_nobody_is_asked_or_called(house: House) -> None:
    house.library = working()
    first = await quiet(house, builders.an_alert())
    second = await house.fire(builders.an_alert(fingerprint="f2"))
    await house.pass_(3500)

    assert first == second
    assert house.of(first).seen == 2
    assert {one.kind for one in await house.entries()} == {"incident.opened", "alert.joined"}


async def test_what_still_fires_when_they_are_done_is_taken_as_new(house: House) -> None:
    house.library = working()
    name = await quiet(house, builders.an_alert())
    known = await house.until(WAITING, within=3601)
    said = await house.facts(facts.Quieted)

    assert known.id == name
    assert [one.quiet for one in said] == [None]
    assert said[0].why.startswith("people work on shop themselves (patch night, until 2026-03-14")


async def test_what_clears_while_they_work_was_told_to_nobody(house: House) -> None:
    house.library = working()
    await quiet(house, builders.an_alert())
    await house.resolve()
    known = await house.until(State.WITHDRAWN)

    assert known.quiet is not None


async def test_a_window_that_is_followed_by_another_one_goes_on(house: House) -> None:
    more = {"name": "and more", "starts": builders.START + HOUR, "ends": builders.START + 2 * HOUR}
    window = {"name": "night", "starts": builders.START - HOUR, "ends": builders.START + HOUR}
    house.library = builders.a_library(rulebook=builders.a_rulebook(maintenance=[window, more]))
    name = await quiet(house, builders.an_alert())
    await house.pass_(3700)
    still = house.of(name).quiet
    assert still is not None

    assert (still.number, "and more" in still.why) == (1, True)
    await house.until(WAITING, within=3600)


async def test_people_who_are_done_early_are_believed(house: House) -> None:
    house.library = working(hours=9)
    await quiet(house, builders.an_alert())
    house.library = builders.a_library()

    await house.until(WAITING, within=11)


async def test_other_services_are_none_of_the_window_s_business(house: House) -> None:
    house.library = working(services=["cart"])
    await house.asked()


async def test_what_fires_while_people_work_proves_no_earlier_run_wrong(house: House) -> None:
    healed = await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    house.library = working()
    house.health.says(SICK)
    again = await quiet(house, later(60))

    assert house.of(healed).state is State.RESOLVED
    assert house.of(again).opened.relapse_of == ""


async def test_a_stop_of_the_house_ends_no_quiet_time(house: House) -> None:
    house.library = working()
    name = await quiet(house, builders.an_alert())
    await house.orders.halt("U1", "odd")
    await house.orders.resume("U1", "fine")

    await house.until(WAITING, within=3601, name=name)


async def test_a_person_may_cancel_what_is_quiet(house: House) -> None:
    house.library = working()
    name = await quiet(house, builders.an_alert())
    answer = await house.requests.cancel(name, "U1", "known")
    known = await house.until(State.CANCELLED)

    assert answer.done
    assert known.quiet is not None


async def test_a_wish_of_a_person_is_not_kept_quiet(house: House) -> None:
    house.library = settling()
    await quiet(house, SLOW)
    given = {"service": "shop", "environment": "production"}
    wish = facts.Wish(by="U2", runbook="speed-up", given=given)
    answer = await house.requests.wish(wish, "", "")

    await house.until(WAITING, name=answer.incident)


async def drive(house: House) -> None:
    """What must last, then what need not, which is decided on; whoever hears nothing goes on."""
    await house.fire(SLOW)
    await house.pass_(100)
    await house.fire()
    await house.pass_(30)
    for _ in range(2):
        for one in house.cases.open():
            await house.requests.vote(one.id, 0, "U1", yes=False, why="no")
        await house.pass_(1)


@pytest.mark.parametrize("entries", range(1, 24))
async def test_a_death_anywhere_loses_nothing_and_asks_about_nothing_twice(
    house: House, entries: int
) -> None:
    await house.close()
    house.library = settling()
    await house.dies(drive, entries)
    asked = [one.plan.runbook for one in house.cases.recent(9) if one.plan]

    assert sorted(asked) == ["raise-pool", "speed-up"]
    assert house.cases.open() == []
    assert house.crashed == []
