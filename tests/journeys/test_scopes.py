"""An app that was installed without a scope says what does not work for it, and works otherwise."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene

LACKING = {
    "reactions:read": "approval by reaction needs reactions:read",
    "files:write": "the transcript as a file needs files:write",
}
NEEDED = re.compile(r"needs (\w+:\w+)")
HEADING = "What the Slack app lacks"


async def home(scene: Scene, *, whole: bool) -> str:
    """The tab that somebody opens, once it is that of an app that has all its scopes, or not."""

    def shown() -> str:
        return json.dumps(scene.workspace.home_of("ana") or {}, ensure_ascii=False)

    await scene.workspace.open_home("ana")
    await scene.until(lambda: "blocks" in shown() and (HEADING in shown()) is not whole)
    return shown()


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_a_missing_scope_turns_one_feature_off_and_the_home_tab_says_which(
    tmp_path: Path, *, http: bool
) -> None:
    async with scenes.opened(tmp_path, http=http) as scene:
        world = scene.workspace.world
        whole = world.app
        world.app = replace(whole, scopes=whole.scopes - LACKING.keys())
        await scene.start()
        await scene.ready()
        before = await home(scene, whole=False)
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")
        await scene.workspace.react("andre", "alerts", card, "white_check_mark")
        await scene.press("approve_recovery", "ana")
        healed = await scene.reached(State.HEALED)
        told = await scene.order("ana", f"transcript {healed.id}")
        await scene.stop()
        world.app = whole
        await scene.start()
        await scene.ready()
        after = await home(scene, whole=True)

    assert [says for says in LACKING.values() if says not in before] == []
    assert sorted(NEEDED.findall(before)) == sorted(LACKING)
    assert healed.decided is not None
    assert healed.decided.by == ("U0ANA",)
    assert "files:write" in told
    assert NEEDED.findall(after) == []
