"""Readiness is red, with the reason, as soon as Slack takes nothing of the bot any more."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from tests.journeys import scenes
from tests.journeys.scenes import Scene


async def test_a_revoked_token_makes_the_bot_unready_and_says_why(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.until(lambda: scene.workspace.connections)
        before = await ready(scene)
        await scene.workspace.revoke_token()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        async with asyncio.timeout(scenes.PATIENCE):
            while (after := await ready(scene)).status_code == 200:
                await asyncio.sleep(0.05)

        assert before.status_code == 200
        assert after.status_code == 503
        assert "token_revoked" in after.json()["why"]


async def ready(scene: Scene) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{scene.port}/readyz")
