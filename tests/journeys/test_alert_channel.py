"""A real Alertmanager posts into a channel, and Heal takes it from there: no webhook needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.core import labels
from bot.core.lifecycle import State
from tests.faults import mortal
from tests.journeys import alertmanagers, scenes
from tests.journeys.alertmanagers import tell
from tests.journeys.scenes import Scene
from tests.slack.alerts import vendors

LISTED = "#alerts=B0HOOK"


def in_thread(scene: Scene, root: str, holding: str) -> str:
    """The ts of the newest message in this thread whose blocks hold this text, or nothing."""
    for message in reversed(scene.workspace.thread("alerts", root)):
        if holding in json.dumps(message.get("blocks", [])):
            return str(message["ts"])
    return ""


@pytest.mark.real
@alertmanagers.needed
async def test_what_alertmanager_posts_into_a_channel_is_healed_in_its_thread_and_closed(
    tmp_path: Path,
) -> None:
    async with (
        scenes.opened(tmp_path) as scene,
        alertmanagers.running(
            tmp_path, alertmanagers.by_slack(scene.workspace.webhook_url("alerts"))
        ) as url,
    ):
        scene.set(SLACK_ALERT_SENDERS=LISTED, HEAL_ALERTMANAGER_URL=url)
        await scene.start()
        await scene.ready()
        await scene.workspace.post("sam", "alerts", "[FIRING:1] ServiceDown web (critical demo)")
        await scene.town.crash("shop")
        await tell(url, "shop-1", "shop-2", firing=True)
        asked = await scene.reached(State.AWAITING_APPROVAL)
        root = asked.opened.thread
        await scene.until(lambda: in_thread(scene, root, "approve_recovery"))
        card = in_thread(scene, root, "approve_recovery")
        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        await scene.reached(State.HEALED)
        await tell(url, "shop-1", "shop-2", firing=False)
        closed = await scene.reached(State.RESOLVED)
        await scene.until(lambda: in_thread(scene, root, "Resolved"))

        assert await scene.town.health("shop") == 200
        (message,) = [m for m in scene.workspace.messages("alerts") if m["ts"] == root]
        assert message["attachments"][0]["title"].startswith("[FIRING:2] ServiceDown shop")
        alerts = closed.alerts.values()
        assert {alert.labels["instance"] for alert in alerts} == {"shop-1", "shop-2"}
        assert {(alert.source, alert.confidence) for alert in alerts} == {("slack_channel", 1.0)}
        assert set(closed.alerts) == {labels.fingerprint(alert.labels) for alert in alerts}
        assert len(scene.incidents()) == 1, "what Sam wrote is nothing"
        await scene.until(lambda: scene.workspace.files)


@pytest.mark.real
@alertmanagers.needed
async def test_an_alert_that_comes_by_webhook_and_by_channel_is_one(tmp_path: Path) -> None:
    async with (
        scenes.opened(tmp_path) as scene,
        alertmanagers.running(
            tmp_path,
            alertmanagers.by_slack(scene.workspace.webhook_url("alerts")),
            alertmanagers.by_webhook(scene.port),
        ) as url,
    ):
        scene.set(SLACK_ALERT_SENDERS=LISTED, HEAL_ALERTMANAGER_URL=url)
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await tell(url, "shop-1", firing=True)
        await scene.reached(State.AWAITING_APPROVAL)
        await scene.until(lambda: scene.workspace.messages("alerts"))
        await scene.until(lambda: not scene.waiting())
        await tell(url, "shop-1", firing=False)
        await scene.reached(State.WITHDRAWN)
        await scene.until(lambda: len(posted(scene)) == 2)
        await scene.workspace.settled()
        await scene.until(lambda: not scene.waiting())
        (only,) = scene.incidents()

        assert (only.seen, [alert.firing for alert in only.alerts.values()]) == (1, [False])
        assert len([e for e in scene.entries() if e.kind == "alert.joined"]) == 1


LABELS = {"alertname": "ServiceDown", "service": "shop", "environment": "demo"}
PAIRS = " ".join(f"*{name}:* `{value}`" for name, value in LABELS.items())


async def test_an_alert_that_a_dying_bot_had_acknowledged_is_read_in_its_next_life(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        scene.set(SLACK_ALERT_SENDERS=LISTED)
        await dying(scene, "before:incident.opened")
        await scene.ready()
        await scene.town.crash("shop")
        text = f"[FIRING:1] ServiceDown shop\n{PAIRS}"
        message = await scene.workspace.webhook("alerts", {"text": text})

        assert await scene.death() == -9
        assert scene.waiting() == 1

        await scene.start()
        asked = await scene.reached(State.AWAITING_APPROVAL)
        (alert,) = asked.alerts.values()

        assert (asked.opened.thread, alert.labels, alert.confidence) == (message["ts"], LABELS, 0.0)
        assert len(scene.incidents()) == 1
        await scene.until(lambda: not scene.waiting())


async def dying(scene: Scene, moment: str) -> None:
    """Start a bot that is killed at this moment of its life."""
    alive = scenes.NURSERY.Event()
    args = (scene.directory, moment, alive)
    scene.bot = scenes.NURSERY.Process(target=mortal.main, args=args)
    scene.bot.start()
    await scene.until(alive.is_set)


def posted(scene: Scene) -> list[str]:
    """The titles of what Alertmanager posted."""
    return [m["attachments"][0]["title"] for m in scene.workspace.messages("alerts")
            if m.get("bot_id") == "B0HOOK"]  # fmt: skip


async def test_an_alert_that_does_not_say_its_service_is_handed_to_a_person_and_nothing_runs(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        scene.set(SLACK_ALERT_SENDERS=LISTED)
        await scene.start()
        await scene.ready()
        before = scene.effects("start")
        said = vendors.message("zabbix", "unplaced")
        posted = await scene.workspace.webhook("alerts", {"attachments": said["attachments"]})
        called = await scene.reached(State.ESCALATED)
        root = str(posted["ts"])
        await scene.until(lambda: in_thread(scene, root, "Clock is off"))

        assert (called.service, called.environment, called.opened.thread) == ("", "", root)
        assert (called.plan, scene.effects("start")) == (None, before)


async def test_an_alert_of_another_system_is_healed_and_closed_by_the_edit_of_its_message(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        scene.set(SLACK_ALERT_SENDERS=LISTED)
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        posted = await scene.workspace.webhook("alerts", {"attachments": zabbix("firing")})
        root = str(posted["ts"])
        await scene.reached(State.AWAITING_APPROVAL)
        await scene.until(lambda: in_thread(scene, root, "approve_recovery"))
        card = in_thread(scene, root, "approve_recovery")
        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        await scene.reached(State.HEALED)
        change = {"attachments": zabbix("resolved")}
        scene.workspace.letters.edit("C0ALERTS", root, "U0HOOK", change)
        closed = await scene.reached(State.RESOLVED)

        assert await scene.town.health("shop") == 200
        assert [alert.firing for alert in closed.alerts.values()] == [False]


def zabbix(name: str) -> list[Any]:
    """What Zabbix attaches about the shop of the town."""
    attachments: list[Any] = vendors.message("zabbix", name)["attachments"]
    attachments[0]["title"] = attachments[0]["title"].replace("Shop is down", "ServiceDown")
    attachments[0]["fields"][4]["value"] = "service: shop\nenv: demo"
    return attachments
