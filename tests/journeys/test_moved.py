"""A plan that moved between the card and the click is shown again, and only then approved."""

from __future__ import annotations

from pathlib import Path

import httpx

from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene


async def test_a_yes_to_what_has_changed_since_is_asked_for_again(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.town.break_("shop", "pool")
        await scene.alert("ServiceDegraded", "shop", severity="warning")
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")
        first = scene.workspace.message("alerts", card)["blocks"]
        await resize(scene, 25)
        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        await scene.until(lambda: "The plan changed since it was shown" in scene.shown(card))

        assert "{'size': 20} → {'size': 25}" in scene.shown(card)
        assert scene.effects("put") == [{"size": 25}]
        await scene.until(lambda: calls(scene, card) >= 2)

        fresh = scene.workspace.message("alerts", card)["blocks"]
        scene.workspace.message("alerts", card)["blocks"] = first  # as a slow client still shows it
        late = scene.workspace.click("ana", "alerts", card, "approve_recovery")

        assert "Plan 1 was replaced" in await scene.answer("ana", late)

        scene.workspace.message("alerts", card)["blocks"] = fresh
        await scene.workspace.click("ana", "alerts", card, "approve_recovery")
        healed = await scene.reached(State.HEALED)

        assert healed.decided is not None
        assert healed.decided.by == ("U0ANA",)
        assert scene.effects("put") == [{"size": 25}, {"size": 50}]
        assert calls(scene, card) == 2, "the approvers are called once a round"


def calls(scene: Scene, card: str) -> int:
    """How often the approvers were called in this card's thread."""
    thread = scene.workspace.thread("alerts", card)[1:]
    return sum("<!subteam^S0APPROVERS>" in str(one.get("blocks", "")) for one in thread)


async def resize(scene: Scene, size: int) -> None:
    """Somebody else changes the pool, past the bot."""
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"{scene.town.url('shop')}/settings/pool"
        (await client.put(url, json={"size": size})).raise_for_status()
