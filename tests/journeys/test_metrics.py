"""A running bot tells its figures to whoever carries the token, and to nobody without one."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.journeys import scenes
from tests.journeys.scenes import Scene

TOKEN = "a long random text"


async def scraped(scene: Scene, token: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(
            f"http://127.0.0.1:{scene.port}/metrics", headers={"Authorization": f"Bearer {token}"}
        )


async def test_what_came_in_and_what_became_of_it_can_be_scraped(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        scene.set(HEAL_METRICS_TOKEN=TOKEN)
        await scene.start()
        await scene.ready()
        for _ in range(2):
            assert await scene.alert("Unheard", "nobody-knows") == 202
        await scene.until(lambda: scene.incidents() and not scene.waiting())
        stranger, told = await scraped(scene, "guess"), (await scraped(scene, TOKEN)).text

        assert stranger.status_code == 401
        for line in (
            'heal_messages_received_total{outcome="accepted",source="alertmanager"} 2.0',
            'heal_alerts_accepted_total{source="alertmanager"} 2.0',
            'heal_alerts_recorded_total{source="alertmanager"} 1.0',
            "heal_accept_seconds_count 2.0",
        ):
            assert line in told.splitlines()


async def test_without_a_token_there_is_no_such_door(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()

        assert (await scraped(scene, "guess")).status_code == 404
