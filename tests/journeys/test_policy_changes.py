"""Policy is changed on disk while the bot runs: a bad file is told, a good one is in force."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TypeVar

from bot.core import facts
from bot.core.facts import PolicyRefused, PolicyTaken
from bot.core.facts.fact import Fact
from bot.core.lifecycle import State
from bot.core.plan import Plan
from tests.journeys import scenes
from tests.journeys.scenes import Scene
from tests.journeys.test_readiness import ready

F = TypeVar("F", bound=Fact)
WARNING = "not in force"


async def test_a_bad_policy_is_told_once_and_a_good_one_is_asked_about_at_the_click(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        rules = tmp_path / "runbooks" / "policy" / "rules.yaml"
        good = rules.read_text()
        await scene.start()
        await scene.town.break_("shop", "pool")
        await scene.alert("ServiceDegraded", "shop", severity="warning")
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")
        old = plans(scene)[-1]

        rules.write_text(f"{good}\nconcurrency: many\n")
        await scene.until(lambda: scene.card(WARNING))
        warned = scene.card(WARNING)
        (refused,) = told(scene, PolicyRefused)
        assert refused.keeps == old.policy_digest
        assert "policy/rules.yaml:" in scene.shown(warned)
        assert WARNING in await scene.order("sam", "status")
        answer = await ready(scene)
        assert (answer.status_code, len(answer.json()["notes"])) == (200, 1)
        assert f"not in force: {refused.problems[0]}" in scene.log()

        rules.write_text(f"{good}\nconcurrency: 7\n")
        hang_up(scene)  # it need not wait for the timer
        await scene.until(lambda: told(scene, PolicyTaken))
        await scene.until(lambda: "in force again" in scene.shown(warned))
        (taken,) = told(scene, PolicyTaken)
        assert taken.changed == ("concurrency: 3 → 7",)
        assert WARNING not in await scene.order("sam", "status")

        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        await scene.until(lambda: "The plan changed since it was shown" in scene.shown(card))
        assert "policy changed" in scene.shown(card)
        assert scene.effects("put") == []
        assert plans(scene)[-1].policy_digest == taken.digest
        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        healed = await scene.reached(State.HEALED)

        assert healed.plan is not None
        assert healed.plan.policy_digest == taken.digest
        assert sum(WARNING in str(one) for one in scene.workspace.messages("alerts")) == 0


def hang_up(scene: Scene) -> None:
    assert scene.bot is not None
    assert scene.bot.pid is not None
    os.kill(scene.bot.pid, signal.SIGHUP)


def told(scene: Scene, kind: type[F]) -> list[F]:
    known = (facts.read(entry.body) for entry in scene.entries())
    return [fact for fact in known if isinstance(fact, kind)]


def plans(scene: Scene) -> list[Plan]:
    made = told(scene, facts.Planned)
    return [one.plan for one in made if one.plan]
