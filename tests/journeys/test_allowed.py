"""A night's runs are allowed in advance: asked, granted, used under restarts, and taken back."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes

ALLOW = 'allow raise-connection-pool on shop for 2h max 2 runs "the release tonight"'


async def test_what_was_allowed_in_advance_heals_at_night_and_says_by_whose_yes(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()

        assert "Only @oncall, @approvers may do that" in await scene.order("sam", ALLOW)
        assert "Asked for: p-" in await scene.order("olivia", ALLOW)

        await scene.until(lambda: scene.card("grant_permit"))
        card = scene.card("grant_permit")
        own = scene.workspace.click("olivia", "alerts", card, "grant_permit")

        assert "somebody else must approve it" in await scene.answer("olivia", own)

        yes = scene.workspace.click("andre", "alerts", card, "grant_permit")

        assert "holds for 2 h and 2 runs" in await scene.answer("andre", yes)

        await scene.until(lambda: "0 of" not in scene.shown(card) and "Revoke" in scene.shown(card))
        scene.kill()
        await scene.death()
        await scene.start()
        await scene.ready()
        await scene.town.break_("shop", "pool")
        await scene.alert("ServiceDegraded", "shop", severity="warning")
        healed = await scene.reached(State.HEALED)

        assert healed.votes == ()
        assert healed.decided is not None
        assert healed.decided.by == ("U0ANDRE",)
        assert scene.effects("put") == [{"size": 50}]

        await scene.until(lambda: scene.card("Runs by pre-approval"))
        await scene.until(lambda: "1 of 2 runs left" in scene.shown(card))

        assert "1 of 2 runs left" in await scene.order("sam", "status")

        back = scene.workspace.click("ana", "alerts", card, "revoke_permit")

        assert "is revoked" in await scene.answer("ana", back)

        await scene.until(lambda: "Pre-approval is over" in scene.shown(card))
