"""
Draws docs/run-page.png anew: `python -m tests.run_page [file]`; it needs Chromium.

The picture is of the real page of an incident that was healed, as somebody sees it who was let in.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from tests import builders
from tests.fakes import FakeClock
from tests.rehearsal import browsers
from tests.rules import house
from tests.slack.cards import stories
from tests.store import books
from tests.web.pages import sites

SIZE = "1100,1300"


async def draw(file: Path, size: str = SIZE, *, dark: bool = False, path: str = "") -> None:
    with tempfile.TemporaryDirectory(prefix="heal-picture-") as name:
        folder = Path(name)
        told = books.story(builders.INCIDENT, stories.STORIES["resolved"]())
        ledger = books.written(folder / "heal.db", told)
        clock = FakeClock(builders.START + timedelta(hours=1))
        async with (
            sites.served(ledger, clock=clock) as place,
            browsers.opened(folder / "profile", size) as browser,
        ):
            await browser.ask("url", url=f"{place.url}{place.link(builders.INCIDENT)}")
            await browser.shows("h1", builders.INCIDENT)
            key, _, value = place.signed_in().partition("=")
            cookie = {"name": key, "value": value, "path": "/", "secure": True, "httpOnly": True}
            await browser.ask("cookie", cookie=cookie)
            scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
            await browser.ask("goog/cdp/execute", cmd="Emulation.setEmulatedMedia",
                              params={"features": scheme})  # fmt: skip
            await browser.ask("url", url=f"{place.url}{path or f'/incidents/{builders.INCIDENT}'}")
            await browser.picture(file)


if __name__ == "__main__":
    named = sys.argv[1] if len(sys.argv) > 1 else str(house.ROOT / "docs" / "run-page.png")
    asyncio.run(draw(Path(named).resolve()))
