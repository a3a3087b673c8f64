"""One replica as a process of its own, which can be killed, frozen and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from functools import partial
from pathlib import Path

from bot.app import placing
from bot.app.leaving import Asked, at_once
from bot.app.replica import SUPERSEDED
from bot.durable.member import Times
from bot.telemetry import logs
from tests.faults.mortal import Hasty
from tests.journeys import mortal

BRISK = Times(beat=0.3, look=0.2, again=0.05, idle=2, believed=1.4, answering=5, grace=1.8)
"""For tests that freeze something and wait for what the others do about it."""
CALM = Times(beat=0.5, look=0.3)
"""For tests in which nobody freezes, so that nobody who is only slow may lose the seat."""


def block(own: Path) -> None:
    """Hold up the event loop, and nothing else of the process, until a file says to go on."""
    while not (own / "go").exists():
        time.sleep(0.02)


async def live(directory: Path, own: Path, port: int, url: str, times: Times) -> None:
    told = mortal.told_of(directory)
    sections = {"stop": {"delay": "0"}, **told["sections"], "database": {"url": url}}
    settings = mortal.settings_of(directory, own, port)
    asked, lost = Asked(), partial(at_once, SUPERSEDED)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, block, own)

    def section(name: str) -> dict[str, str]:
        found: dict[str, str] = sections.get(name, {})
        return found

    async with placing.placed(settings, section, asked.wait, lost, times) as place:
        if place is None:
            return
        house = await Hasty.open(settings, sections=section, place=place)
        await asked.wait()
        await house.leaving.go(house.close)


def main(directory: Path, own: Path, port: int, url: str, times: Times) -> None:
    """Live one life; what it logs goes into `bot.log` of its folder."""
    with (own / "bot.log").open("ab") as log:
        os.dup2(log.fileno(), 2)
    logs.begin("INFO", [])
    asyncio.run(live(directory, own, port, url, times))
