"""SIGTERM: the bot ends with exit code 0, and its next life goes on."""

from __future__ import annotations

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

        await scene.start()
        await scene.ready()
        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        healed = await scene.reached(State.HEALED)

        assert healed.asked == asked.asked
        assert "Traceback" not in scene.log()


async def test_a_bot_that_verifies_stops_and_nothing_is_done_twice_in_its_next_life(
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


async def ended(scene: Scene) -> int | None:
    """Tell it to stop; its exit code."""
    await scene.stop()
    return scene.bot.exitcode if scene.bot else None
