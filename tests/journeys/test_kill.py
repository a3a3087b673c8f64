"""SIGKILL at every moment of a run: nothing is done twice unknowing, no approval is lost.

The bot is a process of its own, the town and the workspace outlive it. What was done is read from
the town's own log, what was recorded from the ledger file; the bot's word is not asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from bot.core import facts
from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene

BEFORE_THE_YES = (
    "after:incident.opened",
    "after:runbook.chosen",
    "after:evidence.read",
    "before:plan.made",
    "after:plan.made",
    "after:approval.asked",
)
AFTER_THE_YES = (
    "before:plan.rebuilt",
    "after:plan.rebuilt",
    "after:run.started",
    "after:step.claimed",
    "before:step.ended",
    "after:step.ended",
    "after:run.acted",
    "before:run.verified",
    "after:run.verified",
)
GOING_BACK = (
    "after:step.claimed:2",
    "before:step.ended:2",
    "after:step.ended:2",
    "before:run.verified:2",
    "before:run.rolled_back",
    "after:run.rolled_back",
    "after:incident.escalated",
)
AT_ONCE = 4

Story = Callable[[Scene, str], Awaitable[None]]


async def test_a_bot_killed_before_the_yes_still_asks_after_its_restart(tmp_path: Path) -> None:
    await all_of(BEFORE_THE_YES, tmp_path, healed)


async def test_a_bot_killed_after_the_yes_heals_after_its_restart(tmp_path: Path) -> None:
    await all_of(AFTER_THE_YES, tmp_path, healed)


async def test_a_bot_killed_while_going_back_goes_back_after_its_restart(tmp_path: Path) -> None:
    await all_of(GOING_BACK, tmp_path, gone_back)


async def healed(scene: Scene, moment: str) -> None:
    await scene.start(moment)
    await scene.town.crash("shop")
    await scene.alert("ServiceDown", "shop")
    if moment in AFTER_THE_YES:
        await scene.press("approve_recovery")
    assert await scene.death() == -9
    asked = deadline(scene)

    await scene.start()
    await press_if_asked(scene)
    await scene.reached(State.HEALED)
    await scene.alert("ServiceDown", "shop", "resolved")
    await scene.reached(State.RESOLVED)

    assert await scene.town.health("shop") == 200
    assert restarts(scene) == 1
    assert not asked or deadline(scene) == asked
    assert len([e for e in scene.entries() if e.kind == "approval.decided"]) == 1
    await scene.until(lambda: scene.card("Resolved:") or scene.card("Healed:"))
    await scene.until(lambda: not scene.card("approve_recovery"))


async def gone_back(scene: Scene, moment: str) -> None:
    await scene.start(moment)
    await scene.town.break_("shop", "upstream")
    await scene.alert("ServiceDegraded", "shop", severity="warning")
    await scene.press("approve_recovery")
    assert await scene.death() == -9

    await scene.start()
    ended = await scene.reached(State.ESCALATED)

    assert ended.rolled_back is not None
    assert ended.rolled_back.clean
    assert pools(scene)[-1] == 20
    assert pools(scene).count(50) == 1


async def all_of(moments: Sequence[str], directory: Path, story: Story) -> None:
    """Play the story once for each moment, some at once; every failure names its moment."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, moment: str) -> str:
        place = directory / str(number)
        place.mkdir()
        try:
            async with gate, scenes.opened(place) as scene:
                await story(scene, moment)
        except (AssertionError, TimeoutError) as error:
            return f"{moment}: {type(error).__name__} {error}"
        return ""

    failed = await asyncio.gather(*(one(*each) for each in enumerate(moments)))
    if any(failed):
        pytest.fail("\n".join(filter(None, failed)))


async def press_if_asked(scene: Scene) -> None:
    """An approval that was given is not asked for again; one that was not still waits."""
    if any(entry.kind == "approval.decided" for entry in scene.entries()):
        return
    await scene.reached(State.AWAITING_APPROVAL)
    await scene.press("approve_recovery")


def deadline(scene: Scene) -> str:
    read = (facts.read(entry.body) for entry in scene.entries())
    return next((str(f.request.expires_at) for f in read if isinstance(f, facts.Asked)), "")


def restarts(scene: Scene) -> int:
    """How often the shop's process was really started, its first start not counted."""
    found = [e for e in scene.town.effects() if e["what"] == "start" and e["unit"] == "shop"]
    return len(found) - 1


def pools(scene: Scene) -> list[int]:
    """Every pool size that was really set, in order."""
    return [e["value"]["size"] for e in scene.town.effects() if e["what"] == "put"]
