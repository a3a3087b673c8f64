"""A real Alertmanager: its webhook opens the card, a click heals, its all-clear closes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.lifecycle import State
from tests.journeys import alertmanagers, scenes
from tests.journeys.alertmanagers import tell


@pytest.mark.real
@alertmanagers.needed
async def test_a_real_alertmanager_is_healed_by_a_click_and_closes_it(tmp_path: Path) -> None:
    async with (
        scenes.opened(tmp_path) as scene,
        alertmanagers.running(tmp_path, alertmanagers.by_webhook(scene.port)) as url,
    ):
        await scene.start()
        await scene.town.crash("shop")
        await tell(url, "shop-1", firing=True)
        await scene.reached(State.AWAITING_APPROVAL)
        await scene.press("approve_recovery")
        healed = await scene.reached(State.HEALED)
        await tell(url, "shop-1", firing=False)
        closed = await scene.reached(State.RESOLVED)
        await scene.until(lambda: scene.card("Resolved:") or scene.card("Healed:"))

        assert await scene.town.health("shop") == 200
        assert closed.id == healed.id
        assert [a.source for a in closed.alerts.values()] == ["alertmanager"]
        await scene.until(lambda: scene.workspace.files)
