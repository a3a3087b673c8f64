"""A stage: the local workspace, a small town of real services and the bot, all on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import House
from bot.rehearsal import library
from bot.rehearsal.sandbox.town import Town
from bot.rehearsal.workspace import Workspace
from bot.rehearsal.workspace.cast import App
from bot.settings import Settings

LOCAL = App()
UNITS = ("shop", "web")
ALERT_TOKEN = "local-alertmanager-token"  # noqa: S105 - opens the demo's own door only
NO_PROMETHEUS = "http://127.0.0.1:9090"
"""Named by a shipped runbook that the demo does not need; nothing has to listen there."""


@dataclass(frozen=True)
class Stage:
    """What a demo, a story or a journey test plays on."""

    directory: Path
    workspace: Workspace
    town: Town
    house: House

    @property
    def ledger(self) -> Path:
        return self.directory / "heal.db"


@asynccontextmanager
async def opened(directory: Path, *, page: int = 0) -> AsyncIterator[Stage]:
    """Open everything below a directory; `page` is the port of the page, 0 for a free one."""
    (directory / "town").mkdir(parents=True, exist_ok=True)
    async with Workspace.open(port=page) as workspace, Town.open(directory / "town") as town:
        runbooks = library.write(directory, {unit: town.url(unit) for unit in UNITS})
        settings = local_settings(directory, workspace, runbooks)
        house = await House.open(settings, sections=lambda name: sections(town).get(name, {}))
        try:
            yield Stage(directory, workspace, town, house)
        finally:
            await house.close()


def local_settings(directory: Path, workspace: Workspace, runbooks: Path) -> Settings:
    """The production settings; only the address of Slack differs."""
    return Settings(
        SLACK_BOT_TOKEN=LOCAL.bot_token,
        SLACK_APP_TOKEN=LOCAL.app_token,
        SLACK_API_URL=workspace.api_url,
        SLACK_RECOVERY_CHANNEL="#alerts",
        SLACK_PORT=0,
        HEAL_LEDGER=directory / "heal.db",
        HEAL_RUNBOOKS=runbooks,
    )


def sections(town: Town) -> Mapping[str, Mapping[str, str]]:
    """What plug-ins are told: the town's systemctl, and the only hosts that may be called."""
    return {
        "host": {"systemctl": str(town.systemctl), "name": "demo-1"},
        "http": {"allowed_hosts": town.hosts},
        "prometheus": {"url": NO_PROMETHEUS},
        "alertmanager": {"webhook_token": ALERT_TOKEN},
    }
