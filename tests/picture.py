"""
Draws docs/workspace.png anew: `python -m tests.picture [file]`; it needs Chromium.

The picture is of the real page, with a real bot that asks about a service that really died.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.core.lifecycle import State
from bot.rehearsal import stage as stages
from bot.rehearsal.stage import Stage
from tests.rehearsal import browsers
from tests.rules import house

SIZE, PATIENCE = "1440,1000", 30.0


async def draw(file: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="heal-picture-") as directory:
        async with stages.opened(Path(directory)) as stage:
            await stage.town.crash("shop")
            async with asyncio.timeout(PATIENCE):
                while not (card := asked(stage)):
                    await asyncio.sleep(0.1)
            async with browsers.opened(Path(directory) / "profile", SIZE) as browser:
                await browser.ask("url", url=f"{stage.workspace.url}/#/alerts/{card}")
                await browser.shows("body", "Approve & Execute")
                await browser.shows("body", "Evidence, read before anything is done")
                await browser.picture(file)


def asked(stage: Stage) -> str:
    """The ts of the card that waits for an answer, or nothing."""
    waiting = [one for one in stage.house.cases.open() if one.state is State.AWAITING_APPROVAL]
    cards = stage.workspace.messages("alerts")
    return str(cards[0]["ts"]) if waiting and cards and cards[0].get("reply_count", 0) > 1 else ""


if __name__ == "__main__":
    named = sys.argv[1] if len(sys.argv) > 1 else str(house.ROOT / "docs" / "workspace.png")
    asyncio.run(draw(Path(named).resolve()))
