"""The last day is told in its channel once, whole as a file, and to whoever asks for it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core import facts
from bot.core.transcript import Draft
from bot.store.file import connect
from bot.store.view import View
from tests import builders
from tests.journeys import scenes
from tests.journeys.scenes import Scene
from tests.store.years import ALONE

TOLD = (facts.Chosen(runbook="restart-service"), facts.Diagnosed(), *ALONE)
NIGHT = datetime.now(tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0)
NOON = NIGHT - timedelta(hours=12)


def remember(ledger: Path) -> None:
    """Let the ledger tell of an incident that was healed at noon yesterday."""
    story = builders.entries(builders.an_opening(), *TOLD, name="inc-noon01", start=NOON)
    with closing(connect(ledger, 0)) as db:
        for entry in story:
            told = {one.name: getattr(entry, one.name) for one in fields(Draft)}
            View(db).append(Draft(**told))


async def test_the_report_of_yesterday_is_told_once_however_often_heal_starts(
    tmp_path: Path,
) -> None:
    async with scenes.opened(tmp_path) as scene:
        remember(tmp_path / "heal.db")
        scene.tell(report={"channel": "#alerts", "at": "00:00"})
        await scene.start()
        await scene.until(lambda: whole(scene))
        await scene.stop()
        await scene.start()
        answer = await scene.order("sam", "report 7d")

        (content,) = whole(scene)
        assert "inc-noon01" in content
        assert "1, still open 0" in scene.shown(scene.card("What was healed in 1 day"))
        assert "What was healed in 7 days" in answer
        assert "1, still open 0" in answer
        told = [one for one in scene.workspace.messages("alerts") if "healed in 1" in str(one)]
        assert len(told) == 1


def whole(scene: Scene) -> list[str]:
    """What was uploaded of reports."""
    return [
        one.content.decode()
        for one in scene.workspace.files.values()
        if one.content and one.about["name"].startswith("healed-")
    ]
