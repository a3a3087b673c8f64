"""The bot as a process of its own, which can be killed and started again.

Its directory holds runbooks/ and a `stage.json` that names the workspace's API, the port, the
plug-ins' settings, the mode and the pace; what it logs goes into `bot.log`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from bot.app import House
from bot.app.leaving import Asked
from bot.cli import run
from bot.clock import Clock
from bot.rehearsal import stage
from bot.settings import Settings
from bot.slack.pacing import Pace
from bot.telemetry import logs
from bot.telemetry.logs import Form

BRISK = Pace(
    posts_per_second=20,
    post_burst=20,
    edits_per_minute=3000,
    edit_burst=50,
    between_edits=0.1,
    members_per_minute=3000,
    members_burst=50,
)
"""Slack's real limits would make every journey wait; tests/slack holds to them."""


def told_of(directory: Path) -> dict[str, Any]:
    """What the stage says."""
    told: dict[str, Any] = json.loads((directory / "stage.json").read_text())
    return told


def settings_of(directory: Path, own: Path, port: int) -> Settings:
    """The settings of a bot on this stage that keeps its files in `own`."""
    told = told_of(directory)
    return Settings(
        SLACK_BOT_TOKEN=stage.LOCAL.bot_token,
        SLACK_APP_TOKEN="" if told["http"] else stage.LOCAL.app_token,
        SLACK_SIGNING_SECRET=stage.LOCAL.signing_secret if told["http"] else "",
        SLACK_API_URL=told["api"],
        SLACK_RECOVERY_CHANNEL="#alerts",
        SLACK_PORT=port,
        HEAL_LEDGER=own / "heal.db",
        HEAL_RUNBOOKS=directory / "runbooks",
        HEAL_INCIDENT_RECORDS=str(own),
        **told.get("settings", {}),
    )


async def opened(directory: Path, kind: type[House] = House, clock: Clock | None = None) -> House:
    """The bot of this stage, open."""
    told = told_of(directory)
    settings = settings_of(directory, directory, told["port"])
    sections = {"stop": {"delay": "0"}} | told["sections"]
    pace = None if told.get("pace") == "slack" else BRISK
    return await kind.open(
        settings, sections=lambda name: sections.get(name, {}), pace=pace, clock=clock
    )


async def live(directory: Path, alive: Event, kind: type[House]) -> None:
    asked, house = Asked(), await opened(directory, kind)
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGHUP, lambda: run.reload_in_background(house)
    )
    alive.set()
    await asked.wait()
    await house.leaving.go(house.close)


def main(directory: Path, alive: Event, kind: type[House] = House) -> None:
    with (directory / "bot.log").open("ab") as log:
        os.dup2(log.fileno(), 2)
    logs.begin("INFO", [], Form.TEXT)
    asyncio.run(live(directory, alive, kind))
