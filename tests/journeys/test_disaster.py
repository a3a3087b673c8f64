"""The disk is lost after a backup was made: the drill of docs/operations.md, played whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.cli import main
from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene


async def heal(*words: str) -> int:
    """Run a verb as an operator does, beside the bot."""
    return await asyncio.to_thread(main, words)


def lose_the_disk(scene: Scene) -> None:
    for one in scene.directory.glob("heal.db*"):
        one.unlink()


async def test_after_a_lost_disk_nothing_runs_twice_and_people_hear_what_is_unknown(
    tmp_path: Path,
) -> None:
    ledger, kept = str(tmp_path / "heal.db"), str(tmp_path / "kept")
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")

        assert await heal("backup", kept, "--ledger", ledger) == 0
        assert await heal("restore", kept, "--ledger", ledger) == 2

        await scene.press("approve_recovery")
        await scene.reached(State.HEALED)
        scene.kill()
        await scene.death()
        lose_the_disk(scene)

        assert await heal("restore", kept, "--ledger", ledger) == 0
        await scene.start()
        left = await scene.reached(State.ESCALATED)
        await scene.until(lambda: "what became of it is not known" in scene.shown(card))
        await scene.ready()

        assert "approve_recovery" not in scene.shown(card)
        assert "halted by heal restore" in (await scene.order("andre", "status")).replace("*", "")

        await scene.order("andre", "resume I looked")
        await scene.press("ask_again")
        again = await scene.reached(State.ALREADY_HEALTHY)

        assert again.opened.again_for == left.id
        assert len(scene.effects("ask")) == 1
        assert await heal("audit", "verify", "--ledger", ledger) == 0
        assert "Traceback" not in scene.log()
