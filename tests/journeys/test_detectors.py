"""Detectors of a running bot: what they tell, cannot see, and leave behind when they go."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import yaml

from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene

HEALTH = """
detector: {name}
for: service.facts.watched
probes: [{{probe: http.status, as: health, with: {{url: "{url}", timeout: 1s}}}}]
every: 200ms
firing: health.status != 200
sustain: {sustain}
alert: {{name: ServiceDown, severity: critical, summary: "${{service.name}} does not answer"}}
"""
OWN, FOREIGN = "${service.facts.health_url}", "http://127.0.0.1:1/"


def detect(scene: Scene, sustain: str = "400ms", **urls: str) -> None:
    """Write a detector for each of these addresses; of the town, only the shop is watched."""
    folder = scene.directory / "runbooks"
    (folder / "detectors").mkdir(exist_ok=True)
    for name, url in urls.items():
        (folder / "detectors" / f"{name}.yaml").write_text(
            HEALTH.format(name=name, url=url, sustain=sustain)
        )
    services = yaml.safe_load((folder / "policy" / "services.yaml").read_text())
    for one in services["services"]:
        one["facts"]["watched"] = one["name"] == "shop"
    (folder / "policy" / "services.yaml").write_text(yaml.safe_dump(services))


async def notes(scene: Scene) -> list[str]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{scene.port}/readyz")
    assert answer.status_code == 200
    return list(answer.json()["notes"])


async def noted(scene: Scene, *words: str) -> None:
    """Wait until the notes are as many as these, and each holds its words."""
    async with asyncio.timeout(scenes.PATIENCE):
        while True:
            told = await notes(scene)
            if len(told) == len(words) and all(map(str.__contains__, told, words)):
                return
            await asyncio.sleep(0.1)


async def test_what_a_detector_told_is_withdrawn_when_its_file_is_removed(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        detect(scene, unwell=OWN)
        await scene.start()
        await scene.town.crash("shop")
        asked = await scene.reached(State.AWAITING_APPROVAL)
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")
        (scene.directory / "runbooks" / "detectors" / "unwell.yaml").unlink()
        ended = await scene.reached(State.WITHDRAWN)
        gone = "Withdrawn: its detector was taken out of the runbooks at "
        await scene.until(lambda: gone in scene.shown(card))

        assert (asked.service, asked.opened.title) == ("shop", "shop does not answer")
        assert (ended.id, len(scene.incidents())) == (asked.id, 1)
        assert "approve_recovery" not in scene.shown(card)
        assert await scene.town.health("shop") == 0


async def test_operators_hear_of_a_detector_that_sees_nothing_until_it_sees(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        detect(scene, "1h", blind=FOREIGN, sees=OWN)
        await scene.start()
        await noted(scene, "the detector blind at shop in demo sees nothing: health: 127.0.0.1:1 ")
        detect(scene, "1h", blind=OWN)
        await noted(scene)

        assert "the detector blind at shop in demo sees nothing" in scene.log()
        assert scene.incidents() == []
