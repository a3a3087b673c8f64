"""While the database is down, its dependants wait; a person need not."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from bot.core import facts
from bot.core.alert import Alert, Severity
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.matching import Shelf
from bot.core.needed import Needed
from bot.slack.cards import root
from tests import builders
from tests.engine.houses import HEALTHY, WAITING, House


def library(**rules: Any) -> Library:
    """The shop needs an api, which needs a database; for that one nobody wrote a runbook."""
    services = (
        builders.a_service(depends_on=("api",)),
        builders.a_service(name="api", depends_on=("db",)),
        builders.a_service(name="db"),
        builders.a_service(name="cart"),
    )
    return builders.a_library(services=services, rulebook=builders.a_rulebook(**rules))


def alert(service: str, name: str = "ServiceDown") -> Alert:
    labels = {"service": service, "environment": "production"}
    return builders.an_alert(
        name=name, labels=labels, fingerprint=service, severity=Severity.WARNING
    )


SHOP, DB = alert("shop"), alert("db")
LOST = alert("db", "NobodyKnowsThis")


@pytest.fixture(autouse=True)
def a_town(house: House) -> None:
    house.library = library()


async def waits(house: House) -> tuple[str, str]:
    """The database's incident, whose question is open, and the shop's, which waits for it."""
    first = await house.fire(DB)
    await house.until(WAITING, name=first)
    second = await house.fire(SHOP)
    await house.settle()
    assert house.of(second).waits is not None
    assert house.of(second).state is State.OPENED
    return first, second


async def test_what_needs_the_database_waits_and_says_for_whom(house: House) -> None:
    first, second = await waits(house)
    said = house.of(second).waits
    card = str(root.card(house.of(second), house.clock.now()).blocks)
    assert said is not None

    assert said.needed == (Needed(service="db", incident=first),)
    assert said.until - said.at == timedelta(minutes=30)
    assert (house.of(second).evidence, house.of(second).planned) == (None, None)
    assert f"Waits for *db* (`{first}`), which it needs" in card


async def test_when_the_database_is_well_again_it_goes_on_and_looks_anew(house: House) -> None:
    first, second = await waits(house)
    await house.resolve(DB)
    await house.until(State.WITHDRAWN, name=first)
    known = await house.until(WAITING, name=second, within=3)

    assert known.waits is None
    assert len(await house.facts(facts.GoesOn)) == 1


async def test_what_got_well_with_the_database_is_done_nothing_to(house: House) -> None:
    _, second = await waits(house)
    house.health.says(HEALTHY)
    await house.resolve(DB)

    await house.until(State.ALREADY_HEALTHY, name=second, within=3)


async def test_its_own_alert_clears_and_it_is_withdrawn(house: House) -> None:
    _, second = await waits(house)
    await house.resolve(SHOP)
    known = await house.until(State.WITHDRAWN, name=second)
    card = str(root.card(known, house.clock.now()).blocks)

    assert "the alert cleared by itself" in card
    assert known.planned is None


async def test_it_waits_too_for_what_a_person_was_called_for(house: House) -> None:
    first = await house.fire(LOST)
    await house.until(State.ESCALATED, name=first)
    second = await house.fire(SHOP)
    await house.settle()
    assert house.of(second).waits is not None
    await house.resolve(LOST)

    await house.until(WAITING, name=second, within=3)


async def test_nobody_waits_for_ever_and_then_a_person_is_called(house: House) -> None:
    first, second = await waits(house)
    known = await house.until(State.ESCALATED, name=second, within=1801)
    assert known.escalated is not None

    assert known.escalated.why == (
        f"it waited 30 min for what it needs: db ({first}) was in trouble"
    )
    assert known.planned is None


async def test_policy_says_how_long_or_that_nobody_waits_and_then_people_are_told(
    house: House,
) -> None:
    house.library = library(dependencies={"wait": "0s"})
    await house.fire(LOST)
    await house.settle()
    known = await house.until(WAITING, name=await house.fire(SHOP))
    assert known.planned is not None

    reason = next(one.reason for one in known.planned.verdicts if one.rule == "dependencies")
    assert reason.startswith("shop needs db (inc-a1), which is in trouble")


async def test_a_person_need_not_wait_and_reads_what_is_in_trouble(house: House) -> None:
    _, second = await waits(house)
    wish = facts.Wish(by="U2", runbook="raise-pool",
                      given={"service": "shop", "environment": "production"})  # fmt: skip
    answer = await house.requests.wish(wish, "", "")
    known = await house.until(WAITING, name=answer.incident)
    assert known.planned is not None

    assert "dependencies" in [v.rule for v in known.planned.verdicts if v.ruling]
    assert house.of(second).waits is not None


async def test_what_begins_while_people_are_asked_stops_their_yes_and_then_it_waits(
    house: House,
) -> None:
    second = await house.fire(SHOP)
    await house.until(WAITING, name=second)
    first = await house.fire(LOST)
    await house.until(State.ESCALATED, name=first)
    await house.requests.vote(second, 0, "U1", yes=True, why="")
    await house.settle()
    known = house.of(second)
    assert known.waits is not None
    assert (known.state, known.ran, known.waits.round) == (State.DIAGNOSED, False, 2)
    await house.resolve(LOST)

    assert (await house.until(WAITING, name=second, within=3)).id == second


async def test_a_question_that_is_open_stays_open_over_a_restart(house: House) -> None:
    second = await house.fire(SHOP)
    await house.until(WAITING, name=second)
    await house.fire(LOST)
    await house.restart()
    await house.settle()

    assert (house.of(second).state, house.of(second).waits) == (WAITING, None)


async def test_who_edits_a_plan_meanwhile_need_not_wait_for_it(house: House) -> None:
    size = {"size": {"type": "integer", "value": 50}}
    step = {"do": "fake.pool", "with": {"to": "${params.size}"}, "timeout": "30s"}
    house.library = library()
    house.library = dataclasses.replace(
        house.library, runbooks=(book := builders.a_runbook(parameters=size, steps=[step]),),
        shelf=Shelf([book]),
    )  # fmt: skip
    second = await house.fire(SHOP)
    await house.until(WAITING, name=second)
    await house.fire(LOST)
    await house.settle()
    answer = await house.edits.edit(second, 1, "U1", {"size": "40"})
    await house.settle()
    known = house.of(second)

    assert answer.done, answer.text
    assert (known.state, known.waits, len(known.edits)) == (WAITING, None, 1)


async def test_a_cancel_ends_what_waits(house: House) -> None:
    _, second = await waits(house)
    answer = await house.requests.cancel(second, "U1", "known")

    assert answer.done
    assert (await house.until(State.CANCELLED, name=second)).planned is None


async def test_a_stop_of_the_house_ends_what_waits(house: House) -> None:
    _, second = await waits(house)
    await house.orders.halt("U1", "odd")
    known = await house.until(State.CANCELLED, name=second)
    assert known.closed is not None

    assert known.closed.says == "Heal was stopped: nothing was executed (odd)"


async def test_who_needs_nothing_in_trouble_does_not_wait(house: House) -> None:
    await house.fire(LOST)
    await house.settle()

    assert (await house.until(WAITING, name=await house.fire(alert("cart")))).waits is None


async def test_services_that_need_each_other_do_not_wait_for_each_other(house: House) -> None:
    services = (
        builders.a_service(depends_on=("db",)),
        builders.a_service(name="db", depends_on=("shop",)),
    )
    house.library = builders.a_library(services=services)
    first, second = await house.fire(DB), await house.fire(SHOP)

    await house.until(WAITING, name=first)
    await house.until(WAITING, name=second)


async def test_what_else_is_in_trouble_meanwhile_is_told_too(house: House) -> None:
    _, second = await waits(house)
    await house.fire(alert("api", "NobodyKnowsThis"))
    await house.pass_(5)
    said = house.of(second).waits
    assert said is not None

    assert [one.service for one in said.needed] == ["api", "db"]


async def test_the_bound_holds_over_a_restart(house: House) -> None:
    _, second = await waits(house)
    await house.pass_(1000)
    await house.restart(away=700)
    await house.settle()
    assert house.of(second).waits is not None

    await house.until(State.ESCALATED, name=second, within=101)


async def drive(house: House) -> None:
    await house.fire(LOST)
    await house.pass_(1)
    await house.fire(SHOP)
    await house.pass_(3)
    await house.resolve(LOST)
    await house.pass_(3)


@pytest.mark.parametrize("entries", range(1, 14))
async def test_a_death_anywhere_comes_to_the_same_question(house: House, entries: int) -> None:
    await house.close()
    await house.dies(drive, entries)

    assert [(one.service, one.state) for one in house.cases.open()] == [("shop", WAITING)]
    assert house.crashed == []
