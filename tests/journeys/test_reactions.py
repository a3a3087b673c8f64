"""A reaction on the card, from the first alert to the record of what was done."""

from __future__ import annotations

import json
from pathlib import Path

from bot.core.approval import Ending
from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene


async def asking(scene: Scene) -> str:
    """The card of a shop that died, once its question can be answered."""
    await scene.start()
    await scene.ready()
    await scene.town.crash("shop")
    await scene.alert("ServiceDown", "shop")
    await scene.until(lambda: scene.card("approve_recovery"))
    card = scene.card("approve_recovery")
    await scene.until(
        lambda: "approval needed until" in str(scene.workspace.thread("alerts", card))
    )
    return card


async def test_a_check_mark_heals_and_the_record_says_who_gave_it(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        card = await asking(scene)
        stranger = scene.workspace.react("sam", "alerts", card, "white_check_mark")

        assert "Only @approvers may decide this" in await scene.answer("sam", stranger)

        approver = scene.workspace.react("andre", "alerts", card, "white_check_mark")
        assert "Approved" in await scene.answer("andre", approver)
        await scene.reached(State.HEALED)
        await scene.alert("ServiceDown", "shop", "resolved")
        known = await scene.reached(State.RESOLVED)
        path = tmp_path / f"incident-{known.id}.json"
        await scene.until(path.exists)
        told = json.loads(path.read_text())

        assert known.decided is not None
        assert known.decided.by == ("U0ANDRE",)
        assert (told["result"], told["auto_resolved"]) == ("success", False)
        assert told["signals"][0]["event"] == "RECOVERY_SIGNAL"
        assert await scene.town.health("shop") == 200


async def test_a_pause_hands_it_to_who_paused_and_nothing_runs(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        card = await asking(scene)
        before = scene.effects("start")
        await scene.workspace.react("ana", "alerts", card, "double_vertical_bar")
        known = await scene.reached(State.ESCALATED)
        await scene.until(lambda: "Paused" in scene.shown(card))

        assert known.decided is not None
        assert (known.decided.ending, known.decided.by) == (Ending.PAUSED, ("U0ANA",))
        assert await scene.town.health("shop") == 0
        assert scene.effects("start") == before
