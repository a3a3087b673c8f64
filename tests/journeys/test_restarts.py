"""A service that dies again and again is restarted three times in ten minutes, then handed over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.core.detector import Detector
from bot.core.lifecycle import State
from tests.clients import machines
from tests.engine.houses import WAITING
from tests.journeys import gateways
from tests.journeys.gateways import Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with gateways.a_scene(tmp_path) as made:
        yield made


def restarts(scene: Scene) -> int:
    return [one["value"] for one in scene.town.effects() if one["what"] == "ask"].count("restart")


async def test_the_fourth_death_in_ten_minutes_is_handed_to_a_person(scene: Scene) -> None:
    began = scene.house.clock.now()
    for _ in range(3):
        await scene.town.crash("shop")
        alert = scene.an_alert("ServiceDown")
        await scene.house.fire(alert)
        await scene.until(WAITING)
        await scene.house.vote()
        await scene.until(State.HEALED)
        await scene.house.resolve(alert)
        await scene.until(State.RESOLVED)
        scene.house.clock.advance(60)
    await scene.town.crash("shop")
    await scene.house.fire(scene.an_alert("ServiceDown"))
    known = await scene.until(State.ESCALATED, WAITING)

    assert (scene.house.clock.now() - began).total_seconds() < 600
    assert restarts(scene) == 3
    assert known.state is State.ESCALATED
    assert known.escalated is not None
    assert "runbook restart-dead-service: 3 of 3 in 10 min" in known.escalated.why
    assert await scene.town.health("shop") == 0


def detector(name: str, scene: Scene) -> Detector:
    """A shipped detector, and the shop of this town that asks to be watched."""
    (shop,) = scene.house.library.services
    watched = shop.model_copy(update={"facts": {**shop.facts, "watched": True}})
    scene.house.library = replace(scene.house.library, services=(watched,))
    path = gateways.SHIPPED / "detectors" / f"{name}.yaml"
    return Detector.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


async def test_a_health_check_that_failed_three_times_in_a_row_brings_a_restart(
    scene: Scene,
) -> None:
    looks = detector("service-unhealthy", scene)
    await scene.town.break_("shop", "leak")
    for well in (False, False, True, False, False):
        await (scene.town.mend("shop") if well else scene.town.break_("shop", "leak"))
        await scene.house.look(looks)
        scene.house.clock.advance(10)

    assert scene.house.cases.recent(1) == []

    await scene.house.look(looks)
    await scene.until(WAITING)
    await scene.house.vote()
    known = await scene.until(State.HEALED, State.ESCALATED)

    assert (known.state, restarts(scene)) == (State.HEALED, 1)
    assert await scene.town.health("shop") == 200


async def test_a_unit_that_did_not_run_for_thirty_seconds_is_told_and_not_before(
    scene: Scene,
) -> None:
    looks = detector("service-not-running", scene)
    await scene.town.crash("shop")
    for _ in range(3):
        await scene.house.look(looks)
        scene.house.clock.advance(10)

    assert scene.house.cases.recent(1) == []

    await scene.house.look(looks)
    known = await scene.until(WAITING)

    assert known.opened.title == ("shop has not been running for 30 seconds: its unit is failed.")


async def test_a_restart_that_does_not_answer_within_a_minute_did_not_help(scene: Scene) -> None:
    await scene.town.break_("shop", "upstream")
    await scene.house.fire(scene.an_alert("ServiceDown"))
    await scene.until(WAITING)
    await scene.house.vote()
    await scene.until(State.VERIFYING)
    began = scene.house.clock.now()
    known = await scene.until(State.HEALED, State.ESCALATED)

    assert (known.state, restarts(scene)) == (State.ESCALATED, 1)
    assert 60 <= (scene.house.clock.now() - began).total_seconds() < 70


@pytest.mark.real
async def test_a_service_on_another_machine_is_restarted_and_proved_there(tmp_path: Path) -> None:
    with machines.a_machine() as machine:
        async with gateways.a_scene(tmp_path, machine=machine) as scene:
            await scene.town.crash("shop")
            await scene.house.fire(scene.an_alert("ServiceDown"))
            asked = await scene.until(WAITING, State.ESCALATED)
            await scene.house.vote()
            known = await scene.until(State.HEALED, State.ESCALATED)

            assert asked.plan is not None
            assert [target.key for target in asked.plan.targets] == ["host:web-1/unit:shop"]
            assert asked.plan.steps[0].scope.says == "systemctl restart shop on web-1"
            assert (known.state, restarts(scene)) == (State.HEALED, 1)
            assert known.steps[0].says.startswith("restarted shop on web-1: active, pid ")
