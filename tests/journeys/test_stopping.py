"""SIGTERM: the bot ends with exit code 0, and its next life goes on."""

from __future__ import annotations

import signal
from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene


async def test_a_bot_that_waits_for_people_stops_and_its_question_stays_open(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        asked = await scene.reached(State.AWAITING_APPROVAL)
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")

        assert await ended(scene) == 0
        assert "approve_recovery" in scene.shown(card)
        assert "next life: 1 open incidents, 1 of them wait for people; 0 items" in scene.log()

        await scene.start()
        await scene.ready()
        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        healed = await scene.reached(State.HEALED)

        assert healed.asked == asked.asked
        assert "Traceback" not in scene.log()


async def test_e03_a_bot_that_verifies_stops_and_nothing_is_done_twice_in_its_next_life(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.press("approve_recovery")
        await scene.reached(State.VERIFYING)

        assert await ended(scene) == 0

        await scene.start()
        await scene.reached(State.HEALED)

        assert len(scene.effects("ask")) == 1
        assert "Traceback" not in scene.log()


async def test_the_second_signal_ends_it_at_once_and_its_next_life_goes_on(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        scene.tell(stop={"delay": "60"})
        await scene.start()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.until(lambda: scene.card("approve_recovery"))
        assert scene.bot is not None

        scene.bot.terminate()
        await scene.until(lambda: "/readyz is red now" in scene.log())
        assert await scene.alert("ServiceDown", "till") == 202
        scene.bot.terminate()
        assert await scene.death() == 128 + signal.SIGTERM
        assert "SIGTERM came again" in scene.log()

        scene.tell(stop={"delay": "0"})
        await scene.start()
        await scene.press("approve_recovery")
        await scene.until(lambda: [one.state for one in scene.incidents()][:1] == [State.HEALED])


async def ended(scene: Scene) -> int | None:
    """Tell it to stop; its exit code."""
    await scene.stop()
    return scene.bot.exitcode if scene.bot else None
