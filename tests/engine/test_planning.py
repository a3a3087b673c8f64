"""A plan is built by reads only, and why there is none is said in words."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.errors import PermanentError
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.values import Facts
from bot.engine import choosing
from bot.engine.world import Limits
from tests import builders
from tests.engine.houses import SICK, WAITING, House
from tests.engine.libraries import POOL, steps
from tests.fakes import FakeProbe

FOR_GOOD = "until somebody changes it back"


async def refused(house: House) -> str:
    await house.fire()
    await house.slowly(State.ESCALATED)
    closed = house.incident.closed
    assert closed is not None
    return closed.says


def reading(**parameters: str) -> Library:
    """A library whose evidence needs these parameters."""
    call = {"probe": "fake.health", "as": "health", "with": parameters}
    return builders.a_library(builders.a_runbook(diagnose=[call]))


class Silent(FakeProbe):
    """Never answers."""

    async def read(self, params: object) -> Facts:
        await asyncio.Event().wait()
        return {}


async def test_a_target_that_does_not_answer_in_time_makes_no_plan(house: House) -> None:
    house.limits = Limits(diagnose=0.05)
    await house.restart()
    house.pool.hangs = "scope"

    assert await refused(house) == (
        "no plan could be made: step 1, fake.pool: its target did not answer"
    )


@pytest.mark.parametrize(
    ("said", "found", "expected"),
    [
        ("none", "", "none"),
        ("none", "about 1.20 EUR/h more", f"about 1.20 EUR/h more; {FOR_GOOD}"),
        ("memory", "about 1.20 EUR/h more", f"memory; about 1.20 EUR/h more; {FOR_GOOD}"),
    ],
)
async def test_the_cost_is_the_runbooks_and_what_the_steps_come_to(
    house: House, said: str, found: str, expected: str
) -> None:
    estimate = {"recovery": "1m", "cost": said}
    house.library = builders.a_library(builders.a_runbook(estimate=estimate))
    house.pool.cost = found
    await house.asked()

    plan = house.incident.plan
    assert plan is not None
    assert plan.cost == expected


@pytest.mark.parametrize(
    ("becomes", "expected"), [(9, "about 1 €/h more"), (None, "about 1 €/h more; about 1 €/h more")]
)
async def test_increments_that_count_from_now_cost_what_the_last_one_says(
    house: House, becomes: int | None, expected: str
) -> None:
    house.library = steps(POOL, POOL)
    house.pool.cost, house.pool.becomes = "about 1 €/h more", becomes
    await house.asked()

    assert house.incident.plan is not None
    assert house.incident.plan.cost == f"{expected}; {FOR_GOOD}"


async def test_a_probe_that_does_not_answer_in_time_saw_nothing(house: House) -> None:
    house.limits = Limits(diagnose=0.05)
    await house.restart()
    house.plugins.probes["fake.health"] = Silent(SICK)
    await house.fire()
    known = await house.slowly(WAITING)

    assert known.evidence is not None
    assert known.evidence.readings[0].error == "no answer in 0.05 s"


async def test_parameters_that_the_action_refuses_make_no_plan(house: House) -> None:
    step = {"do": "fake.pool", "with": {"to": "many"}}
    house.library = builders.a_library(builders.a_runbook(steps=[step]))

    assert (await refused(house)).startswith(
        "no plan could be made: step 1, fake.pool: to: Input should be a valid integer"
    )


async def test_a_step_whose_value_is_not_there_makes_no_plan(house: House) -> None:
    step = {"do": "fake.pool", "with": {"to": "${service.facts.size}"}}
    house.library = builders.a_library(builders.a_runbook(steps=[step]))

    assert "there is no 'size'" in await refused(house)


async def test_evidence_that_cannot_be_asked_for_is_said_and_stops_nothing(house: House) -> None:
    house.library = reading(url="${service.facts.url}")
    await house.fire()
    known = await house.until(WAITING)

    assert known.evidence is not None
    assert "there is no 'url'" in known.evidence.readings[0].error


async def test_a_step_may_use_what_the_evidence_saw(house: House) -> None:
    step = {"do": "fake.pool", "with": {"to": "${health.free}"}}
    house.library = builders.a_library(builders.a_runbook(steps=[step]))
    house.health.says({"status": 503, "free": 64})
    await house.fire()
    known = await house.until(WAITING)

    assert known.plan is not None
    assert known.plan.steps[0].params == {"to": 64}


async def test_a_precondition_that_cannot_be_seen_does_not_hold(house: House) -> None:
    house.library = builders.a_library(builders.a_runbook(safe_when="health.status != 200"))
    house.health.says(PermanentError("connection refused"))

    assert "(health: connection refused)" in await refused(house)


async def test_services_that_depend_on_it_are_named_in_the_blast_radius(house: House) -> None:
    services = (
        builders.a_service(),
        builders.a_service(name="cart", depends_on=("shop",)),
        builders.a_service(name="web", environment="staging", depends_on=("shop",)),
    )
    house.library = builders.a_library(services=services)
    await house.fire()
    known: Incident = await house.until(WAITING)

    assert known.plan is not None
    assert known.plan.steps[0].scope.blast_radius.dependants == ("cart",)


async def test_building_a_plan_changes_nothing(house: House) -> None:
    await house.asked()

    assert (house.effects, house.pool.value) == ([], 20)


@pytest.mark.parametrize("wish", [None])
def test_without_an_alert_and_without_a_wish_there_is_nothing_to_choose(wish: None) -> None:
    chosen = choosing.choice(builders.a_library(), builders.an_opening(alert=None, wish=wish))

    assert (chosen.runbook, chosen.why_none) == (
        "", "neither an alert nor a person asked for anything",
    )  # fmt: skip


def test_of_two_runbooks_that_fit_equally_none_is_taken_by_chance() -> None:
    library = builders.a_library(builders.a_runbook(), builders.a_runbook(runbook="another"))
    chosen = choosing.choice(library, builders.an_opening())

    assert (chosen.runbook, chosen.why_none) == (
        "",
        "ambiguous: another and raise-pool match equally well; narrow one of them with `when`",
    )


def test_owner_tier_and_dependants_are_the_catalogues() -> None:
    cart = builders.a_service(name="cart", depends_on=("shop",))
    library = builders.a_library(services=(builders.a_service(), cart))
    chosen = choosing.choice(library, builders.an_opening())

    assert (chosen.owner, chosen.tier, chosen.dependants) == ("team-shop", 2, ("cart",))


def two_ways(**changes: object) -> Library:
    """A library whose runbook does one thing or the other, as the evidence says."""
    steps = [
        {"do": "fake.weight", "with": {"to": 5}, "when": "health.status == 503"},
        {"do": "fake.pool", "with": {"to": 50}, "when": "health.status != 503"},
    ]
    return builders.a_library(builders.a_runbook(**{"steps": steps, **changes}))


async def test_only_the_steps_whose_when_holds_are_planned(house: House) -> None:
    house.library = two_ways()
    await house.fire()
    sick = await house.until(WAITING)
    house.health.says({"status": 500})
    await house.vote()
    moved = await house.until(WAITING)

    assert sick.plan is not None
    assert moved.plan is not None
    assert [(one.number, one.action) for one in sick.plan.steps] == [(1, "fake.weight")]
    assert [(one.number, one.action) for one in moved.plan.steps] == [(1, "fake.pool")]
    assert house.weight.effects == house.pool.effects == []


async def test_a_when_that_cannot_be_told_makes_no_plan(house: House) -> None:
    house.library = two_ways()
    house.health.says({"colour": "red"})

    assert (await refused(house)).startswith(
        "no plan could be made: whether fake.weight is right cannot be told: "
    )


@pytest.mark.parametrize("steps", [[], [{"do": "fake.pool", "when": "health.status == 1"}]])
async def test_where_nothing_is_left_to_do_a_person_is_called_with_the_evidence(
    house: House, steps: list[dict[str, object]]
) -> None:
    escalate = {"to": "dba", "say": "Look at the database behind the shop first."}
    house.library = two_ways(steps=steps, escalate=escalate)
    await house.fire()
    known = await house.until(State.ESCALATED)

    assert known.escalated is not None
    assert known.escalated.to == "dba"
    assert known.escalated.why == (
        "this is for a person to heal: Look at the database behind the shop first."
    )
    assert known.evidence is not None
    assert [one.seen for one in known.evidence.readings] == [SICK]
    assert not known.ran


async def test_nobody_is_called_where_nothing_is_to_do_and_it_is_healthy(house: House) -> None:
    house.library = two_ways(steps=[])
    house.get_well()
    await house.fire()
    known = await house.until(State.ALREADY_HEALTHY)

    assert known.escalated is None


async def test_evidence_is_read_once_for_the_card_and_once_more_at_the_click(house: House) -> None:
    call = {"probe": "fake.evidence", "as": "seen", "with": {}}
    house.library = builders.a_library(builders.a_runbook(diagnose=[call]))
    evidence = house.plugins.probes["fake.evidence"] = FakeProbe({"old": True})
    await house.asked()
    for_the_card = evidence.reads

    await house.vote()
    await house.slowly(State.RUNNING, State.VERIFYING, State.HEALED, State.NOT_FIXED)

    assert for_the_card == 1
    assert evidence.reads == 2
