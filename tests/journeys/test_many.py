"""Many at once: clicks, deliveries, alerts, processes; each thing happens once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.core.lifecycle import State
from bot.rehearsal.workspace import NotPossible
from tests.journeys import scenes
from tests.journeys.scenes import Scene

PEOPLE = ("olivia", "andre", "ana", "sam", "andre")


async def test_ten_clicks_of_five_people_are_one_decision(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await waiting(scene)
        ts = scene.card("approve_recovery")
        everybody = [person for person in PEOPLE for _ in range(2)]
        await asyncio.gather(*(click(scene, person, ts) for person in everybody))
        await scene.reached(State.HEALED)

        kinds = [entry.kind for entry in scene.entries()]
        assert kinds.count("approval.decided") == 1
        assert kinds.count("run.started") == 1
        assert restarts(scene) == 1


async def test_d01_an_event_that_is_delivered_four_times_is_handled_once(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.until(lambda: scene.workspace.connections)
        scene.workspace.duplicate_next(3)
        asked = "<@U0HEAL> dry-run restart-dead-service service=shop environment=demo"
        await scene.workspace.post("olivia", "alerts", asked)
        await scene.until(lambda: len(scene.workspace.deliveries.log) >= 4)
        await scene.until(scene.incidents)
        await asyncio.sleep(0.5)

        assert len(scene.incidents()) == 1


async def test_three_hundred_alerts_of_one_service_are_one_incident_and_one_card(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.town.crash("shop")
        sent = [scene.alert("ServiceDown", "shop", pod=f"shop-{n}") for n in range(300)]
        answers = await asyncio.gather(*sent)
        await scene.until(lambda: scene.incidents() and scene.incidents()[0].seen == 300)

        assert set(answers) == {202}
        assert len(scene.incidents()) == 1
        await scene.until(lambda: scene.card("300 alerts"))
        assert len(scene.workspace.messages("alerts")) == 1


async def test_a_stranger_is_told_kindly_and_decides_nothing(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await waiting(scene)
        await scene.workspace.click("sam", "alerts", scene.card("approve_recovery"),
                                    "approve_recovery")  # fmt: skip
        await scene.until(lambda: scene.workspace.ephemerals)

        note = scene.workspace.ephemerals[-1]
        assert note.to in {"sam", "U0SAM"}
        assert scene.incidents()[-1].state is State.AWAITING_APPROVAL
        assert [e.actor for e in scene.entries() if e.kind == "approval.barred"] == ["U0SAM"]


async def test_a_second_process_on_the_same_ledger_does_not_start(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        first = scene.bot
        try:
            await scene.start_another()
            assert await scene.death() not in {0, None}
        finally:
            scene.bot = first


async def waiting(scene: Scene) -> None:
    """Bring it to where people are asked."""
    await scene.start()
    await scene.town.crash("shop")
    await scene.alert("ServiceDown", "shop")
    await scene.reached(State.AWAITING_APPROVAL)
    await scene.until(lambda: scene.card("approve_recovery"))


async def click(scene: Scene, person: str, ts: str) -> None:
    try:
        await scene.workspace.click(person, "alerts", ts, "approve_recovery")
    except NotPossible:
        return  # the button had gone by then


def restarts(scene: Scene) -> int:
    found = [e for e in scene.town.effects() if e["what"] == "start" and e["unit"] == "shop"]
    return len(found) - 1
