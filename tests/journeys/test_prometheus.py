"""A real Prometheus scrapes a real service: its rule opens the card, and its all-clear ends it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.core.lifecycle import State
from tests.journeys import alertmanagers, prometheuses, scenes
from tests.journeys.scenes import Scene

pytestmark = [pytest.mark.real, alertmanagers.needed, prometheuses.needed]


@asynccontextmanager
async def watched(directory: Path) -> AsyncIterator[tuple[Scene, str]]:
    """A town whose shop Prometheus watches, and that tells Heal through Alertmanager; its URL."""
    async with (
        scenes.opened(directory) as scene,
        prometheuses.exporting(scene.town.health_url("shop")) as exporter,
        alertmanagers.running(directory, alertmanagers.by_webhook(scene.port)) as told,
        prometheuses.watching(directory, "shop", exporter, told) as url,
    ):
        await scene.start()
        yield scene, url


def buttons(scene: Scene) -> list[str]:
    """Every button that still stands on a message of #alerts."""
    blocks = [b for m in scene.workspace.messages("alerts") for b in m.get("blocks", [])]
    rows = [block for block in blocks if block["type"] == "actions"]
    return [one["action_id"] for row in rows for one in row["elements"]]


async def test_a_service_that_prometheus_sees_die_is_restarted_by_a_click_and_closed_by_it(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path) as (scene, url):
        await scene.town.crash("shop")
        asked = await scene.reached(State.AWAITING_APPROVAL)
        (alert,) = asked.alerts.values()
        await scene.press("approve_recovery", "andre")
        await scene.reached(State.HEALED, State.RESOLVED)
        closed = await scene.reached(State.RESOLVED)
        await scene.until(lambda: scene.card("The alert is clear since"))
        await prometheuses.stands(url)

        assert await scene.town.health("shop") == 200
        assert scene.effects("ask").count("restart") == 1
        assert (alert.source, alert.name, alert.summary) == (
            "alertmanager", "ServiceDown", "shop does not answer",
        )  # fmt: skip
        assert alert.labels["job"] == "services"
        assert (alert.link or "").startswith(url)
        assert (closed.id, len(scene.incidents())) == (asked.id, 1)
        assert "approve_recovery" not in buttons(scene)
        await scene.until(lambda: scene.workspace.files)


async def test_a_service_that_recovers_before_anybody_clicks_withdraws_its_plan(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path) as (scene, url):
        await scene.town.crash("shop")
        asked = await scene.reached(State.AWAITING_APPROVAL)
        await scene.until(lambda: scene.card("approve_recovery"))
        card = scene.card("approve_recovery")
        await prometheuses.stands(url, "firing")
        await scene.town.start("shop")
        ended = await scene.reached(State.WITHDRAWN)
        await scene.until(lambda: "Withdrawn: the alert cleared by itself" in scene.shown(card))

        assert (ended.id, ended.firing) == (asked.id, ())
        assert "Nothing was executed." in scene.shown(card)
        assert buttons(scene) == []
        assert scene.effects("ask") == []
        assert len(scene.incidents()) == 1
