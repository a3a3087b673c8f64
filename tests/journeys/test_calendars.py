"""A running bot fetches the calendar of a freeze by itself, and judges by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.core import facts
from bot.core.lifecycle import State
from bot.core.policy.verdict import Verdict
from tests.clients import servers
from tests.clients.texts import calendar, event
from tests.journeys import scenes
from tests.journeys.scenes import Scene
from tests.journeys.test_commands import RESTART


async def test_a_bot_that_was_started_judges_by_a_calendar_that_it_fetched(tmp_path: Path) -> None:
    yesterday = datetime.now(tz=UTC) - timedelta(days=1)
    async with servers.recorder() as server, scenes.opened(tmp_path) as scene:
        text = calendar(event(f"DTSTART:{yesterday:%Y%m%d}T000000Z", "DURATION:P3D"))
        server.answers["/x.ics"] = web.Response(body=text)
        rules = tmp_path / "runbooks" / "policy" / "rules.yaml"
        freeze = f'{{name: release, calendar: "{server.url("/x.ics")}", timezone: UTC}}'
        rules.write_text(f"{rules.read_text()}\nfreezes:\n- {freeze}\n")
        await scene.start()
        await scene.ready()
        await scene.town.crash("shop")
        await scene.until(lambda: server.seen)

        while "release freezes shop in demo until" not in (await shown(scene)).reason:
            assert len(scene.incidents()) < 100


async def shown(scene: Scene) -> Verdict:
    """What the freezes say of a plan that is only shown."""
    before = len(scene.incidents())
    await scene.order("olivia", f"dry-run {RESTART}")
    await scene.until(lambda: len(scene.incidents()) > before)
    await scene.reached(State.DRY_RUN)
    known = (facts.read(entry.body) for entry in scene.entries())
    planned = [fact for fact in known if isinstance(fact, facts.Planned)][-1]
    return next(one for one in planned.verdicts if one.rule == "freeze window")
