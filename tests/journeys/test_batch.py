"""Three services break in the same way: one click of somebody who may decides on all three."""

from __future__ import annotations

from pathlib import Path

from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.slack.cards import batch as cards
from tests.journeys import storms
from tests.journeys.scenes import one_alert
from tests.journeys.storms import Size
from tests.journeys.street import ALERTS

THREE = Size(mends=0, asks=3, none=0)


def states(known: list[Incident]) -> list[State]:
    return [one.state for one in known]


async def test_one_click_heals_three_and_a_strangers_click_heals_none(tmp_path: Path) -> None:
    async with storms.opened(tmp_path, THREE) as storm:
        scene, services = storm.scene, sorted(storm.street.becomes)
        await scene.send(
            *(one_alert(ALERTS["asks"], name, "firing", environment="street") for name in services)
        )
        await scene.until(lambda: scene.card("3 plans of the same kind wait"))
        card = scene.card(cards.APPROVE)

        assert all(name in scene.shown(card) for name in services)

        scene.kill()
        await scene.death()
        await scene.start()
        await scene.ready()
        await scene.until(lambda: "3 plans of the same kind wait" in scene.shown(card))

        said = await scene.answer(
            "sam", scene.workspace.click("sam", "alerts", card, cards.APPROVE)
        )

        assert "So none of them was decided." in said
        assert states(scene.incidents()) == [State.AWAITING_APPROVAL] * 3

        said = await scene.answer(
            "andre", scene.workspace.click("andre", "alerts", card, cards.APPROVE)
        )

        assert "counted for 3 of 3" in said

        await scene.until(lambda: states(scene.incidents()) == [State.HEALED] * 3)
        await scene.until(lambda: "Done: 3 plans of the same kind" in scene.shown(card))

        for one in scene.incidents():
            assert [voted.vote.who for voted in one.votes] == ["U0ANDRE"]
            assert one.decided is not None
            assert one.decided.by == ("U0ANDRE",)
        assert sorted(storm.street.puts) == services
        assert [e.actor for e in scene.entries() if e.kind == "approval.barred"] == ["U0SAM"]
