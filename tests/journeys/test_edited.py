"""A plan's size is changed in the form on its card, shown anew, and approved by somebody else."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes


async def test_a_changed_size_is_what_is_shown_approved_and_done(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.town.break_("shop", "pool")
        await scene.alert("ServiceDegraded", "shop", severity="warning")
        await scene.press("edit_plan", "ana")
        await scene.until(lambda: scene.workspace.modal_of("ana"))
        view = scene.workspace.modal_of("ana")
        assert view is not None
        field = {"param_size": {"value": "100"}}
        wrong = await scene.workspace.submit("ana", view["id"], field)

        assert "give an integer from 20 to 80" in wrong.errors["param_size"]

        card = scene.card("approve_recovery")
        first = scene.workspace.message("alerts", card)["blocks"]
        await scene.workspace.submit("ana", view["id"], {"param_size": {"value": "60"}})
        await scene.until(lambda: "The plan changed since it was shown" in scene.shown(card))

        assert "<@U0ANA> changed size 50 → 60" in scene.shown(card)
        assert "not <@U0ANA>, who asked for it" in scene.shown(card)

        fresh = scene.workspace.message("alerts", card)["blocks"]
        scene.workspace.message("alerts", card)["blocks"] = first  # as a slow client still shows it
        late = scene.workspace.click("andre", "alerts", card, "approve_recovery")

        assert "Plan 1 was replaced" in await scene.answer("andre", late)

        scene.workspace.message("alerts", card)["blocks"] = fresh
        own = scene.workspace.click("ana", "alerts", card, "approve_recovery")

        assert "somebody else must approve it" in await scene.answer("ana", own)

        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        healed = await scene.reached(State.HEALED)

        assert scene.effects("put") == [{"size": 60}]
        assert [one.given for one in healed.edits] == [{"size": "60"}]
