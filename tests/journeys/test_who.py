"""Who may say yes is asked at the click: of the workspace as it is then, not as it was."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from bot.core import facts
from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.journeys.scenes import Scene
from tests.pagers import pagerduties


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


def calls_by_pagerduty(directory: Path, url: str) -> None:
    """Let only those approve whom PagerDuty has on call by the schedule PSHOP."""
    place = directory / "stage.json"
    told = json.loads(place.read_text())
    told["sections"]["pagerduty"] = {"token": pagerduties.KEY, "url": url}
    place.write_text(json.dumps(told))
    rules = directory / "runbooks" / "policy" / "rules.yaml"
    role = 'roles: {shop: {schedules: ["pagerduty:PSHOP"]}}\n'
    text = rules.read_text().replace("{groups: [approvers]}", "{roles: [shop]}")
    rules.write_text(role + text)


async def test_who_is_on_call_by_pagerduty_at_the_click_may_decide_and_who_was_may_not(
    tmp_path: Path,
) -> None:
    async with pagerduties.opened() as pagerduty, scenes.opened(tmp_path) as scene:
        calls_by_pagerduty(tmp_path, pagerduty.url)
        pagerduty.put("PSHOP", "andre@example.com")
        card = await asking(scene)
        before = scene.effects("start")
        pagerduty.put("PSHOP", "ana@example.com")
        click = scene.workspace.click("andre", "alerts", card, "approve_recovery")
        former = await scene.answer("andre", click)
        pagerduty.hanging = asyncio.Event()
        click = scene.workspace.click("ana", "alerts", card, "approve_recovery")
        unsure = await scene.answer("ana", click)
        pagerduty.hanging.set()

        assert "Only who is on call by pagerduty:PSHOP may decide this" in former
        assert "PagerDuty did not answer within 4 s" in unsure
        assert scene.incidents()[-1].state is State.AWAITING_APPROVAL
        assert scene.effects("start") == before

        await scene.press("approve_recovery", "ana")
        known = await scene.reached(State.HEALED)

        assert known.decided is not None
        assert known.decided.by == ("U0ANA",)
        assert [one.grounds for one in known.votes] == [{"U0ANA": ("pagerduty:PSHOP",)}]
