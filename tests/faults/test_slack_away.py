"""Slack is away and the bot dies meanwhile: what happened is told once, and as it came to be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bot.core.lifecycle import State
from tests.faults import stage as stages
from tests.faults.stage import Stage
from tests.faults.street import Book, House

BOOKS = (Book("Narrow"), Book("Ignored", expires="10s"))


def slots(stage: Stage) -> Counter[str]:
    """What stands in the channel and its threads, by what each message is for."""
    workspace = stage.scene.workspace
    threads = [workspace.thread("alerts", str(root["ts"])) for root in workspace.messages("alerts")]
    said = [one for thread in threads for one in thread if one.get("metadata")]
    return Counter(str(one["metadata"]["event_payload"]["slot"]) for one in said)


async def test_killed_while_slack_is_away_its_run_ends_right_a_question_runs_out_and_both_are_told(
    tmp_path: Path,
) -> None:
    houses = {"corner": House(before=1.0), "bakery": House()}
    async with stages.opened(tmp_path, houses, BOOKS) as stage:
        scene, workspace = stage.scene, stage.scene.workspace
        await stage.alert("Narrow", "corner")
        await stage.until("approval.asked")
        [run] = scene.incidents()
        await stage.alert("Ignored", "bakery")
        await stage.until("approval.asked", times=2)
        await scene.until(lambda: len(list(stage.buttons("approve_recovery"))) == 2)
        await stage.press("approve_recovery", of=run.id)
        await stage.until("approval.decided")
        workspace.on("chat.postMessage", workspace.go_away, "error")
        workspace.lose_next("chat.postMessage")
        await scene.until(lambda: workspace.faults.absence)
        scene.kill()
        await scene.until(lambda: stage.died == 1)
        await scene.until(lambda: {one.state for one in scene.incidents()}
                          == {State.HEALED, State.EXPIRED})  # fmt: skip
        assert len(list(stage.buttons("approve_recovery"))) >= 1, "nobody could be told yet"
        away = len(workspace.calls)
        await workspace.come_back()
        await scene.until(lambda: not list(stage.buttons("approve_recovery")))
        await scene.until(lambda: "Healed" in heads(stage) and "Expired" in heads(stage))
        await scene.until(lambda: f"{_expired(stage)}.md" in named(stage))
        await stage.at_rest()

        assert stage.street.houses["corner"].sizes["pool"] == 50
        assert stage.street.houses["bakery"].sizes["pool"] == 20
        assert stage.judged().faults == []
        assert len(workspace.messages("alerts")) == 2
        assert set(slots(stage).values()) == {1}, "nothing stands there twice"
        assert set(Counter(named(stage)).values()) == {1}
        assert list(stage.buttons("approve_recovery")) == []
        assert not any("approve_recovery" in one for one in said(stage, away)), "nothing stale"
        assert edits(stage, away) == [1, 1], "each card says how it ended, and nothing before that"


def heads(stage: Stage) -> str:
    """The first line of each card."""
    return " ".join(str(root["blocks"][0]) for root in stage.scene.workspace.messages("alerts"))


def said(stage: Stage, since: int) -> list[str]:
    """What each message was made to say since that call of Slack."""
    heard = [one for one in stage.scene.workspace.calls[since:] if one.error is None]
    return [str(one.args.get("blocks")) for one in heard if one.method.startswith("chat.")]


def edits(stage: Stage, since: int) -> list[int]:
    """How often each card was edited since that call of Slack."""
    heard = [one for one in stage.scene.workspace.calls[since:] if one.error is None]
    edited = Counter(str(one.args["ts"]) for one in heard if one.method == "chat.update")
    return [edited[str(root["ts"])] for root in stage.scene.workspace.messages("alerts")]


def named(stage: Stage) -> list[str]:
    return [str(file.about["name"]) for file in stage.scene.workspace.files.values()]


def _expired(stage: Stage) -> str:
    return next(one.id for one in stage.scene.incidents() if one.state is State.EXPIRED)
