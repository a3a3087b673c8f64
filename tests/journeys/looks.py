"""
Pictures of the threads that a journey left, where `HEAL_PICTURES` names a folder for them.

They need Chromium and Pillow. Without the variable nothing is drawn.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from bot.rehearsal.workspace import Workspace
from tests.rehearsal import browsers

WANTED = os.environ.get("HEAL_PICTURES", "")
"""The folder to draw into."""
WIDTH = 720


async def draw(workspace: Workspace) -> None:
    """Draw each thread of the alerts' channel, named after the test that is running."""
    from tests.slack.cards import pictures

    test = re.sub(r".*::(test_)?|\[.*| \(.*", "", os.environ["PYTEST_CURRENT_TEST"])
    with tempfile.TemporaryDirectory(prefix="heal-pictures-") as home:
        async with browsers.opened(Path(home) / "profile", f"{WIDTH + 40},900") as browser:
            for number, card in enumerate(workspace.messages("alerts"), 1):
                await browser.ask("url", url=f"{workspace.url}/?{number}#/alerts")
                await browser.until(pictures.READY)
                thread = [dict(one) for one in workspace.thread("alerts", str(card["ts"]))]
                shot = await pictures.seen(browser, thread)
                file = Path(WANTED) / f"{test}_{number}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(pictures.small(shot, ""))
