"""How much of the catalogue is in trouble, counted as incidents come and go."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from bot.core.alert import Alert
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.policy import storm_guard
from bot.core.policy.troubled import Troubled
from bot.core.policy.verdict import Ruling
from bot.engine.troubles import LINGERS
from tests import builders
from tests.engine import libraries
from tests.engine.houses import WAITING, House

NAMES = tuple(f"shop-{number}" for number in range(6))
ALL = (*NAMES, *(f"calm-{number}" for number in range(4)))


def library(**storm: Any) -> Library:
    """Ten services, all of which one runbook heals unattended."""
    rules = builders.a_rulebook(
        production={"environments": ["nowhere"]},
        ask_when_critical=False,
        storm=storm,
        concurrency=9,
    )
    services = tuple(builders.a_service(name=name) for name in ALL)
    return dataclasses.replace(
        libraries.UNATTENDED, services=services, rulebook=rules, policy_digest=rules.digest
    )


def alert(name: str) -> Alert:
    labels = {"service": name, "environment": "production"}
    return builders.an_alert(labels=labels, fingerprint=f"f-{name}")


def troubled(house: House) -> Troubled:
    return house.cases.troubles.read(house.library, house.clock.now())


async def test_a_storm_asks_before_what_would_have_run_unattended(house: House) -> None:
    house.library = library(at_least=3, above_percent=25)
    for name in NAMES[:2]:
        nobody = alert(name).model_copy(update={"name": "Mystery"})
        await house.until(State.ESCALATED, name=await house.fire(nobody))
    waiting = await house.until(WAITING, name=await house.fire(alert(NAMES[2])))

    assert waiting.planned is not None
    (why,) = (one for one in waiting.planned.verdicts if one.ruling is Ruling.ASK)
    assert why.rule == storm_guard.RULE
    assert why.reason.startswith("3 of 10 services (30 %) have an open incident: this is a storm")


async def test_one_that_is_asked_for_counts_and_one_that_clears_does_not(house: House) -> None:
    house.library = library(at_least=1, above_percent=0)
    for name in (*NAMES[:2], NAMES[0]):
        await house.fire(alert(name))
    await house.settle()
    both = troubled(house)
    await house.resolve(alert(NAMES[0]))
    await house.settle()

    assert both == Troubled(2, 10)
    assert troubled(house) == Troubled(1, 10)


async def test_who_was_handed_to_a_person_counts_while_its_alert_fires_but_not_for_ever(
    house: House,
) -> None:
    house.library = library(at_least=1, above_percent=0, then="deny")
    name = await house.fire(alert(NAMES[0]))
    await house.until(State.ESCALATED, name=name)
    called = troubled(house)
    await house.restart()
    later = troubled(house)
    house.clock.advance(LINGERS.total_seconds())

    assert (called, later) == (Troubled(1, 10), Troubled(1, 10))
    assert troubled(house) == Troubled(0, 10)


async def test_what_is_not_in_the_catalogue_calls_no_storm(house: House) -> None:
    house.library = library()
    for name in ("ghost-1", "ghost-2"):
        await house.fire(alert(name))
    await house.settle()

    assert troubled(house) == Troubled(0, 10)


async def test_another_catalogue_is_counted_anew(house: House) -> None:
    house.library = library(at_least=1, above_percent=0)
    await house.fire(alert(NAMES[0]))
    await house.fire(alert(NAMES[1]))
    await house.settle()
    before = troubled(house)
    services = tuple(one for one in house.library.services if one.name != NAMES[0])
    house.library = dataclasses.replace(house.library, services=services)

    assert before == Troubled(2, 10)
    assert troubled(house) == Troubled(1, 9)


async def test_people_are_told_of_a_storm_and_of_none_when_it_is_over(house: House) -> None:
    house.library = library(at_least=1, above_percent=0)
    await house.fire(alert(NAMES[0]))
    await house.settle()
    during = house.orders.storm()
    await house.resolve(alert(NAMES[0]))
    await house.settle()

    assert during == "1 of 10 services (10 %) has an open incident"
    assert house.orders.storm() == ""


async def test_what_nobody_is_told_of_makes_no_storm(house: House) -> None:
    known = library(at_least=3, above_percent=25)
    night = {"name": "night", "starts": builders.START - timedelta(hours=1),
             "ends": builders.START + timedelta(hours=1)}  # fmt: skip
    rules = known.rulebook.model_copy(
        update={"maintenance": builders.a_rulebook(maintenance=[night]).maintenance}
    )
    house.library = dataclasses.replace(known, rulebook=rules)
    for name in NAMES:
        await house.fire(alert(name))
    await house.settle()
    quiet = troubled(house).services
    await house.pass_(3601)

    assert (quiet, troubled(house).services) == (0, 6)


async def test_an_incident_that_fires_is_found_by_its_service(house: House) -> None:
    house.library = library()
    name = await house.fire(alert("shop-1"))
    await house.settle()
    troubles, now = house.cases.troubles, house.clock.now()
    before = troubles.at("shop-1", "production", now)
    await house.resolve(alert("shop-1"))
    await house.settle()

    assert (before, troubles.at("shop-1", "production", now)) == (name, "")
    assert troubles.at("shop-1", "staging", now) == ""
