"""What stands around a target decides too: nothing is healed into a deployment."""

from __future__ import annotations

import dataclasses

import pytest

from bot.core.errors import TemporaryError
from bot.core.lifecycle import State
from bot.core.policy import deploying
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.values import Facts
from tests import builders
from tests.engine import libraries
from tests.engine.houses import WAITING, House
from tests.fakes import FakeProbe

CHECK = {
    "probes": [{"probe": "fake.pipeline", "as": "pipeline"}],
    "when": "pipeline.running",
}
QUIET: Facts = {"running": False}
BUSY: Facts = {"running": True}
SAYS = (
    "shop in production is being deployed (pipeline.running holds): wait until it is over, or end "
    "it (finish it, or roll it back), and ask again"
)


@pytest.fixture
def pipeline(house: House) -> FakeProbe:
    """How the shop's deployments show, outside of any cluster."""
    probe = FakeProbe(QUIET)
    house.plugins.probes["fake.pipeline"] = probe
    watched = (builders.a_service(deploying=CHECK),)
    house.library = dataclasses.replace(libraries.UNATTENDED, services=watched)
    return probe


def asking(house: House) -> None:
    house.library = dataclasses.replace(
        house.library, runbooks=(builders.a_runbook(),), rulebook=builders.a_rulebook()
    )


def verdict(house: House) -> Verdict:
    planned = house.incident.planned
    assert planned is not None
    return next(one for one in planned.verdicts if one.rule == deploying.RULE)


async def test_a_service_that_is_being_deployed_is_left_alone_and_a_person_is_told(
    house: House, pipeline: FakeProbe
) -> None:
    pipeline.says(BUSY)
    await house.fire()

    ended = await house.until(State.ESCALATED)

    assert verdict(house) == Verdict(ruling=Ruling.DENY, rule="deploying", reason=SAYS)
    assert ended.closed is not None
    assert ended.closed.says == f"policy says no: {SAYS}"
    assert house.effects == []


async def test_a_service_that_is_not_being_deployed_is_healed_unattended(
    house: House, pipeline: FakeProbe
) -> None:
    await house.fire()
    await house.until(State.HEALED, within=60)

    assert verdict(house).ruling == Ruling.ALLOW
    assert house.effects == ["pool=50"]


async def test_what_cannot_be_read_is_asked_for_and_never_taken_for_nothing(
    house: House, pipeline: FakeProbe
) -> None:
    pipeline.says(TemporaryError("the pipeline does not answer"))
    await house.fire()
    await house.until(WAITING)

    assert verdict(house).ruling == Ruling.ASK
    assert "the pipeline does not answer" in verdict(house).reason


async def test_a_deployment_that_begins_between_question_and_click_stops_it(
    house: House, pipeline: FakeProbe
) -> None:
    asking(house)
    await house.asked()
    pipeline.says(BUSY)

    await house.vote()
    ended = await house.until(State.ESCALATED)

    assert ended.rebuilt is not None
    assert ended.rebuilt.changes == (SAYS,)
    assert house.effects == []


async def test_what_can_no_longer_be_read_at_the_click_is_asked_for_again(
    house: House, pipeline: FakeProbe
) -> None:
    asking(house)
    await house.asked()
    pipeline.says(TemporaryError("the pipeline does not answer"))

    await house.vote()
    await house.until(WAITING)

    planned = house.incident.planned
    assert planned is not None
    assert planned.round == 2
    risen = "the risk rose from low (5) to low (15)"
    assert planned.moved == (verdict(house).reason, risen)
    assert house.effects == []


async def test_an_undo_waits_for_a_deployment_too(house: House, pipeline: FakeProbe) -> None:
    asking(house)
    name = await house.healed()
    pipeline.says(BUSY)

    answer = await house.requests.undo(name, "U2", "C0ALERTS", "")
    await house.until(State.ESCALATED, name=answer.incident)

    assert verdict(house).reason == SAYS
    assert house.effects == ["pool=50"]


async def test_a_parameter_that_has_no_value_is_asked_for(house: House) -> None:
    call = {"probe": "fake.pipeline", "as": "pipeline", "with": {"url": "${service.facts.ci}"}}
    watched = (builders.a_service(deploying={**CHECK, "probes": [call]}),)
    house.library = dataclasses.replace(libraries.UNATTENDED, services=watched)

    await house.fire()
    await house.until(WAITING)

    assert "there is no 'ci'" in verdict(house).reason
