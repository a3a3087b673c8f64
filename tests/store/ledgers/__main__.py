"""
Write a ledger with this version, to be read by all later ones: to be run at each release.

`python -m tests.store.ledgers tests/store/ledgers/2026-11-22-v0.1.0.sql.gz`: one incident ended,
one waits for approval, people stopped and resumed Heal, and a kill found alerts on their way.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys import scenes
from tests.store import ledgers

MANY = 60


async def live(directory: Path) -> None:
    async with scenes.opened(directory) as scene:
        await scene.start()
        await scene.town.crash("shop")
        await scene.alert("ServiceDown", "shop")
        await scene.press("approve_recovery")
        await scene.reached(State.HEALED)
        await scene.alert("ServiceDown", "shop", "resolved")
        await scene.reached(State.RESOLVED)
        await scene.order("andre", "stop for a moment")
        await scene.order("andre", "resume all is well")
        await scene.town.crash("web")
        await scene.alert("ServiceDown", "web")
        await scene.reached(State.AWAITING_APPROVAL)
        await scene.until(lambda: scene.card("approve_recovery"))
        more = (scenes.one_alert("ServiceDown", "web", "firing", pod=f"p{n}") for n in range(MANY))
        sent = [asyncio.ensure_future(scene.send(alert)) for alert in more]
        await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
        scene.kill()
        await asyncio.wait(sent)
        await scene.death()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(live(Path(made)))
        ledgers.keep(Path(made) / "heal.db", Path(sys.argv[1]))
