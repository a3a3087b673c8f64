"""Slack goes away in the middle: the run ends as it should, and the card is true in the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.store import reading
from tests.journeys import scenes, storms
from tests.journeys.scenes import Scene
from tests.journeys.storms import Size


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


def named(scene: Scene) -> list[str]:
    """The files in Slack by their names: the plan is one, for its card cannot hold all of it."""
    return [str(file.about["name"]) for file in scene.workspace.files.values()]


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
        await scene.until(lambda: f"{ended.id}.md" in named(scene))
        await scene.stop()
        await scene.start()
        await scene.ready()
        await scene.order("olivia", "status")

        assert sorted(named(scene)) == [f"{ended.id}.md", f"plan-{ended.id}.1.json"], "each once"
        (file,) = (f for f in scene.workspace.files.values() if f.about["name"] == f"{ended.id}.md")
        assert file.shared
        told = (file.content or b"").decode()
        entries = [entry for entry in scene.entries() if entry.incident == ended.id]
        assert all(told.count(f"Z | {entry.seq} | ") == 1 for entry in entries)
        assert f'{{"seq": {entries[-1].seq}, "hash": "{entries[-1].hash}"}}' in told
        for words in ("approved by U0ANDRE", "U0ANDRE said yes", "Proof of the way back",
                      "answered 200", "Risk: low", "unattended"):  # fmt: skip
            assert words in told
        assert "channel_not_found" not in scene.log()
        assert "Traceback" not in scene.log()


@pytest.mark.parametrize("how", ["refused", "hang", "dropped"])
async def test_d05_a_run_ends_right_while_slack_is_away_and_its_thread_tells_it_once(
    tmp_path: Path, how: str
) -> None:
    async with scenes.opened(tmp_path) as scene:
        workspace = scene.workspace
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")
        await workspace.click("andre", "alerts", card, "approve_recovery")
        await scene.until(lambda: "approval.decided" in {one.kind for one in scene.entries()})
        workspace.lose_next("chat.update")
        workspace.on("chat.postMessage", workspace.go_away, how)
        workspace.lose_next("chat.postMessage")
        await scene.reached(State.HEALED)
        await scene.alert("ServiceDown", "shop", "resolved")
        await scene.reached(State.RESOLVED)
        await scene.until(lambda: workspace.faults.absence)
        await scene.until(lambda: "Resolved" in wanted(scene))
        assert "Resolved" not in scene.shown(card), "nobody could tell it yet"
        away = len(workspace.calls)
        await workspace.come_back()
        await scene.until(lambda: "Resolved" in scene.shown(card))
        await scene.until(lambda: workspace.files)
        await scene.until(lambda: "complete" in progress(scene, card))
        await scene.ready()

        assert await scene.town.health("shop") == 200
        thread = workspace.thread("alerts", card)
        slots = [json.dumps(one["metadata"]) for one in thread if "metadata" in one]
        named = [json.loads(slot)["event_payload"]["slot"] for slot in slots]
        assert sorted(named) == sorted(set(named)), "nothing stands there twice"
        assert len(workspace.messages("alerts")) == 1
        assert "in_progress" not in progress(scene, card)
        heard = [call for call in workspace.calls[away:] if call.error is None]
        edits = [call.args["ts"] for call in heard if call.method == "chat.update"]
        assert edits.count(card) == 1, "the truth, once; no stale state on the way"
        assert "Traceback" not in scene.log()


@pytest.mark.parametrize("closed", ["archive", "remove_bot"])
async def test_a_run_ends_right_though_its_channel_is_closed_to_it_and_the_card_follows(
    tmp_path: Path, closed: str
) -> None:
    async with scenes.opened(tmp_path) as scene:
        workspace = scene.workspace
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.press("approve_recovery")
        await scene.until(lambda: "approval.decided" in {one.kind for one in scene.entries()})
        await getattr(workspace, closed)("alerts")
        await scene.reached(State.HEALED)
        card = scene.workspace.messages("alerts")[0]["ts"]
        assert await scene.town.health("shop") == 200
        await workspace.archive("alerts", archived=False)
        await workspace.invite("olivia", "alerts")
        await scene.alert("ServiceDown", "shop", "resolved")
        await scene.until(lambda: "Resolved" in scene.shown(card))

        assert len(workspace.messages("alerts")) == 1


async def test_d07_a_run_whose_token_is_revoked_ends_right_and_is_told_when_there_is_one_again(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        workspace = scene.workspace
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.press("approve_recovery")
        await scene.until(lambda: "approval.decided" in {one.kind for one in scene.entries()})
        await workspace.revoke_token()
        await scene.reached(State.HEALED)
        assert await scene.town.health("shop") == 200
        assert await scene.alert("ServiceDown", "shop", "resolved") == 202
        assert await scene.alert("NobodyKnowsThis", "shop") == 202
        await scene.until(lambda: State.RESOLVED in {one.state for one in scene.incidents()})
        await scene.reached(State.ESCALATED)
        workspace.world.token_revoked = False  # somebody installs the app again and starts Heal
        await scene.stop()
        await scene.start()
        await scene.until(lambda: scene.card("Resolved"))
        await scene.until(lambda: scene.card("NobodyKnowsThis"))

        assert len(workspace.messages("alerts")) == 2
        assert len(scene.effects("ask")) == 1


async def test_a_run_whose_card_was_deleted_ends_right_and_has_a_card_again(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        workspace = scene.workspace
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.press("approve_recovery")
        await scene.until(lambda: "approval.decided" in {one.kind for one in scene.entries()})
        await workspace.remove_message("alerts", scene.card("ServiceDown"))
        await scene.reached(State.HEALED)
        await scene.alert("ServiceDown", "shop", "resolved")
        await scene.until(lambda: scene.card("Resolved"))

        tops = [one for one in workspace.messages("alerts") if one.get("metadata")]
        assert len([one for one in tops if "/card" in str(one["metadata"])]) == 1
        assert await scene.town.health("shop") == 200


async def test_a_run_that_needs_no_yes_never_waits_for_slack(tmp_path: Path) -> None:
    async with storms.opened(tmp_path, Size(mends=1, asks=0, none=0)) as storm:
        scene = storm.scene
        await scene.workspace.go_away("hang")
        await scene.alert("PoolFull", "s00", environment="street")
        healed = await scene.reached(State.HEALED)
        assert storm.street.puts == ["s00"]
        assert scene.workspace.messages("alerts") == []
        await scene.workspace.come_back()
        await scene.until(lambda: "Healed" in str(scene.workspace.messages("alerts")))

        assert len(scene.workspace.messages("alerts")) == 1
        assert healed.id in str(scene.workspace.messages("alerts")[0]["blocks"])


def wanted(scene: Scene) -> str:
    """The card as the outbox is to show it, whatever Slack has by now."""
    with reading.opened(scene.ledger) as conn:
        (card,) = conn.execute("select payload from outbox where slot like '%/card'")
    return str(card[0])


def progress(scene: Scene, card: str) -> str:
    """What the progress in this thread says now."""
    found = [one for one in scene.workspace.thread("alerts", card)
             if str(one["text"]).startswith("Progress")]  # fmt: skip
    return json.dumps(found[0]["blocks"]) if found else ""
