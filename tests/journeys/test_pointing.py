"""Heal this alert, used on messages that nobody listens to: over WebSocket, to a healed service."""

from __future__ import annotations

import json
from pathlib import Path

from bot.core.lifecycle import State
from bot.slack.cards import wish
from tests.journeys import scenes
from tests.journeys.scenes import Scene

LABELS = {"alertname": "ServiceDown", "service": "shop", "environment": "demo"}
PAIRS = " ".join(f"*{name}:* `{value}`" for name, value in LABELS.items())


def below(scene: Scene, root: str, holding: str) -> str:
    """The ts of the newest message in this thread whose blocks hold this text, or nothing."""
    for message in reversed(scene.workspace.thread("alerts", root)):
        if holding in json.dumps(message.get("blocks", [])):
            return str(message["ts"])
    return ""


async def test_a_typed_alert_begins_only_when_somebody_points_to_it_and_they_may_not_approve_it(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await scene.workspace.set_group("approvers", ["olivia", "andre"])
        text = f"[FIRING:1] ServiceDown shop\n{PAIRS}"
        root = str((await scene.workspace.post("sam", "alerts", text))["ts"])
        use = scene.workspace.shortcut("sam", "alerts", root, "heal_message")

        assert "may do that. Nothing was changed" in await scene.answer("sam", use)
        assert scene.incidents() == []

        use = scene.workspace.shortcut("olivia", "alerts", root, "heal_message")
        assert "On it: inc-" in await scene.answer("olivia", use)
        asked = await scene.reached(State.AWAITING_APPROVAL)
        (alert,) = asked.alerts.values()
        assert (alert.brought_by, alert.confidence, asked.opened.thread) == ("U0OLIVIA", 0.0, root)

        await scene.until(lambda: below(scene, root, "approve_recovery"))
        card = below(scene, root, "approve_recovery")
        click = scene.workspace.click("olivia", "alerts", card, "approve_recovery")
        assert "asked for this yourself" in await scene.answer("olivia", click)
        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        await scene.reached(State.HEALED, State.RESOLVED)

        assert await scene.town.health("shop") == 200
        assert "<@U0OLIVIA> pointed to it" in scene.shown(card)


async def test_of_a_message_that_nobody_can_read_the_person_chooses_service_and_runbook(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        root = str((await scene.workspace.post("sam", "alerts", "web is slow, isn't it?"))["ts"])
        await scene.workspace.shortcut("olivia", "alerts", root, "heal_message")
        await scene.until(lambda: scene.workspace.modal_of("olivia"))
        view = scene.workspace.modal_of("olivia") or {}
        found = await scene.workspace.suggest("olivia", view["id"], wish.CHOOSE, "restart dead")
        await scene.workspace.click_in_view("olivia", view["id"], wish.CHOOSE, choice=found[0])
        await scene.until(lambda: '"place"' in json.dumps(view["blocks"]))
        chosen = {"place": "shop in demo", "why": "it is it"}
        values = {name: {"value": text} for name, text in chosen.items()}
        await scene.workspace.submit("olivia", view["id"], values)
        asked = await scene.reached(State.AWAITING_APPROVAL)

        assert asked.opened.wish is not None
        assert (asked.service, asked.opened.wish.by, asked.opened.thread) == (
            "shop", "U0OLIVIA", root,
        )  # fmt: skip
        await scene.until(lambda: below(scene, root, "approve_recovery"))
        card = below(scene, root, "approve_recovery")
        await scene.workspace.click("andre", "alerts", card, "approve_recovery")
        await scene.reached(State.HEALED, State.RESOLVED)
        assert await scene.town.health("shop") == 200
