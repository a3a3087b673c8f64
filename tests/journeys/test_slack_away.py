"""Slack goes away in the middle: the run ends as it should, and the card is true in the end."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes


async def test_a_run_does_not_wait_for_slack_and_its_card_catches_up(tmp_path: Path) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")
        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        scene.workspace.fail_next("chat.update", 503)
        scene.workspace.lose_next("chat.postMessage", 1)
        scene.workspace.drop_sockets()
        await scene.reached(State.HEALED)
        await scene.alert("ServiceDown", "shop", "resolved")
        await scene.reached(State.RESOLVED)
        await scene.until(lambda: "Resolved" in scene.shown(card))
        await scene.until(lambda: scene.workspace.files)
        await scene.ready()

        assert await scene.town.health("shop") == 200
        assert "approve_recovery" not in scene.shown(card)
        assert "Lately" in await scene.order("olivia", "status"), "commands come in again"
        texts = [one["text"] for one in scene.workspace.thread("alerts", card)]
        assert len(texts) == len(set(texts)), "nothing is said twice"
        assert len(scene.workspace.messages("alerts")) == 1
        assert "channel_not_found" not in scene.log()
        assert "Traceback" not in scene.log()


async def test_each_incident_has_one_transcript_with_every_step_and_who_said_yes(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()
        await scene.town.break_("shop", "upstream")
        await scene.alert("ServiceDegraded", "shop", severity="warning")
        await scene.press("approve_recovery")
        ended = await scene.reached(State.ESCALATED)
        await scene.until(lambda: scene.workspace.files)
        await scene.stop()
        await scene.start()
        await scene.ready()
        await scene.order("olivia", "status")

        (file,) = scene.workspace.files.values()
        assert (file.about["name"], file.shared) == (f"{ended.id}.md", True)
        told = (file.content or b"").decode()
        entries = [entry for entry in scene.entries() if entry.incident == ended.id]
        assert all(told.count(f"Z | {entry.seq} | ") == 1 for entry in entries)
        assert f'{{"seq": {entries[-1].seq}, "hash": "{entries[-1].hash}"}}' in told
        for words in ("approved by U0ANDRE", "U0ANDRE said yes", "Proof of the way back",
                      "answered 200", "Risk: low", "unattended"):  # fmt: skip
            assert words in told
        assert "channel_not_found" not in scene.log()
        assert "Traceback" not in scene.log()
