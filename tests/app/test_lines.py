"""The log says of each line whose it is: of which incident, run, service, runbook and step."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import lines
from bot.core.lifecycle import State
from tests.engine.houses import House
from tests.telemetry.listening import listening

PLUGIN = "bot.actions.fake"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path / "heal.db")
    await made.open()
    made.cases.subscribe(lines.told)
    yield made
    await made.close()


async def test_what_a_plug_in_logs_in_a_step_carries_the_whole_of_its_run(house: House) -> None:
    def says() -> None:
        logging.getLogger(PLUGIN).warning("half of it is done")
        house.get_well()

    house.pool.then = says
    with listening(PLUGIN) as heard:
        await house.healed()
    (said,) = heard.lines
    plan = house.incident.plan
    assert plan is not None

    assert said["event"] == "half of it is done"
    assert {name: said[name] for name in ("incident", "run", "service", "runbook", "plan")} == {
        "incident": house.incident.id,
        "run": house.incident.run,
        "service": house.incident.service,
        "runbook": plan.runbook,
        "plan": plan.digest[: lines.SHOWN],
    }
    assert (said["step"], said["actor"]) == ("step:1", "heal")


async def test_the_turns_of_an_incident_are_lines_and_its_small_steps_are_not(
    house: House,
) -> None:
    with listening("bot.app.lines") as heard:
        name = await house.healed()
        await house.resolve()
        await house.until(State.RESOLVED)

    assert [(one["kind"], one["incident"], one["level"]) for one in heard.lines] == [
        ("incident.opened", name, "info"),
        ("run.started", name, "info"),
        ("incident.closed", name, "info"),
    ]
    assert heard.lines[0]["actor"] == "alertmanager"
    assert heard.lines[-1]["event"] == "closed: resolved"


async def test_to_whom_it_is_handed_and_why_is_a_warning(house: House) -> None:
    house.pool.then = lambda: None
    with listening("bot.app.lines") as heard:
        await house.asked()
        await house.vote()
        await house.until(State.ESCALATED, within=3600)
    warned = [one for one in heard.lines if one["level"] == "warning"]

    assert [one["kind"] for one in warned] == ["incident.escalated"]
    assert house.incident.escalated is not None
    assert house.incident.escalated.why in warned[0]["event"]
