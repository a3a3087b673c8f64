"""Slack is away when Heal starts: nothing that does not need it waits, and then people decide."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.rehearsal.workspace import Workspace
from tests.journeys import scenes, test_bad_start
from tests.journeys.scenes import Scene
from tests.journeys.test_readiness import ready


@asynccontextmanager
async def away(directory: Path, *, http: bool = False) -> AsyncIterator[tuple[Scene, int]]:
    """A scene whose bot looks for Slack at a port where nothing listens yet."""
    async with scenes.opened(directory, http=http) as scene:
        port = scenes.free_port()
        told = json.loads((directory / "stage.json").read_text())
        told["api"] = scene.workspace.api_url.replace(f":{_port(scene)}/", f":{port}/")
        (directory / "stage.json").write_text(json.dumps(told))
        yield scene, port


def _port(scene: Scene) -> str:
    return scene.workspace.api_url.rpartition(":")[2].partition("/")[0]


@pytest.mark.parametrize("http", [False, True])
async def test_alerts_are_taken_and_planned_meanwhile_and_a_person_decides_later(
    tmp_path: Path, *, http: bool
) -> None:
    async with away(tmp_path, http=http) as (scene, port):
        await scene.start()
        await scene.town.crash("shop")
        assert await scene.alert("ServiceDown", "shop") == 202
        await scene.reached(State.AWAITING_APPROVAL)
        await scene.stop()
        await scene.start()
        before = await ready(scene)
        events = f"http://127.0.0.1:{scene.port}/slack/events" if http else None
        async with Workspace.open(port, burst=50, posts_per_second=50, events_url=events) as late:
            scene.workspace = late
            await scene.press("approve_recovery")
            await scene.reached(State.HEALED)
            await scene.until(lambda: "Slack is reached" in scene.log())
            after = await ready(scene)
            await scene.stop()

        assert (before.status_code, after.status_code) == (503, 200)
        assert "Slack cannot be reached at http://127.0.0.1" in before.json()["why"]
        assert "alerts are taken and runs go on" in scene.log()
        assert "Traceback" not in scene.log()
        assert await scene.town.health("shop") == 200


async def test_what_ended_meanwhile_is_told_as_well(tmp_path: Path) -> None:
    async with away(tmp_path) as (scene, port):
        await scene.start()
        await scene.alert("NobodyKnowsThis", "shop")
        await scene.reached(State.ESCALATED)
        async with Workspace.open(port, burst=50, posts_per_second=50) as late:
            scene.workspace = late
            await scene.until(lambda: late.messages("alerts"))
            await scene.until(lambda: late.files)
            await scene.stop()


async def test_a_token_that_slack_refuses_ends_it_even_when_that_shows_only_later(
    tmp_path: Path,
) -> None:
    async with away(tmp_path) as (scene, port):
        told = json.loads((tmp_path / "stage.json").read_text())
        changed = {"SLACK_API_URL": told["api"], "SLACK_BOT_TOKEN": "xoxb-wrong"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=test_bad_start.ROOT,
            env=test_bad_start.environment(scene) | changed,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        async with asyncio.timeout(scenes.PATIENCE):
            while b"Slack cannot be reached" not in await process.stderr.readline():
                assert process.returncode is None
            async with Workspace.open(port):
                said = (await process.stderr.read()).decode()
                await process.wait()

        assert process.returncode == 2
        assert "heal: SLACK_BOT_TOKEN is not taken by Slack (invalid_auth)" in said
