"""Who may say yes is asked at the click: of the workspace as it is then, not as it was."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.core import facts
from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene


async def asking(scene: Scene) -> str:
    """The card of a shop that died."""
    await scene.start()
    await scene.ready()
    await scene.town.crash("shop")
    await scene.alert("ServiceDown", "shop")
    await scene.until(lambda: scene.card("approve_recovery"))
    return scene.card("approve_recovery")


async def test_an_approver_who_was_removed_after_the_card_was_posted_is_refused(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        card = await asking(scene)
        before = scene.effects("start")
        await scene.workspace.set_group("approvers", ["ana"])
        click = scene.workspace.click("andre", "alerts", card, "approve_recovery")

        assert "Only @approvers may decide this" in await scene.answer("andre", click)
        assert scene.incidents()[-1].state is State.AWAITING_APPROVAL
        assert scene.effects("start") == before

        await scene.press("approve_recovery", "ana")
        known = await scene.reached(State.HEALED)
        (voted,) = known.votes
        barred = [one.fact for one in known.story if isinstance(one.fact, facts.Barred)]

        assert known.decided is not None
        assert known.decided.by == ("U0ANA",)
        assert voted.grounds == {"U0ANA": ("approvers",)}
        assert [one.who for one in barred] == ["U0ANDRE"]


async def test_of_all_who_press_at_once_two_make_the_quorum_and_exactly_one_start(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        rules = tmp_path / "runbooks" / "policy" / "rules.yaml"
        text = rules.read_text().replace(
            "{groups: [approvers]}", "{groups: [approvers], quorum: 2}"
        )
        rules.write_text(text)
        everybody = ["andre", "ana", "olivia", "sam"]
        await scene.workspace.set_group("approvers", everybody)
        card = await asking(scene)
        before = len(scene.effects("start"))
        clicks = (
            scene.workspace.click(user, "alerts", card, "approve_recovery")
            for user in everybody * 3
        )
        await asyncio.gather(*clicks)
        known = await scene.reached(State.HEALED)
        started = [one for one in known.story if isinstance(one.fact, facts.Started)]

        assert known.decided is not None
        assert len(set(known.decided.by)) == len(known.decided.by) == 2
        assert (len(started), len(scene.effects("start")) - before) == (1, 1)
