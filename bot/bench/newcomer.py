"""Ours as it starts: the whole bot in Socket Mode, on a ledger and a library made beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.app import House
from bot.bench import child
from bot.settings import Settings
from bot.telemetry import logs

TOKEN = "bench-alertmanager-token"  # noqa: S105 - opens this bench's own door only


async def main(told: Mapping[str, Any]) -> None:
    """
    Serve until let go. Told: api, its tokens, ledger, runbooks and host, the one that may be asked.

    Told how many lives `wait`, it says nothing before so many do.
    """
    bot_token, app_token = told["tokens"]
    settings = Settings(
        SLACK_BOT_TOKEN=bot_token,
        SLACK_APP_TOKEN=app_token,
        SLACK_API_URL=told["api"],
        SLACK_RECOVERY_CHANNEL="#alerts",
        SLACK_PORT=0,
        HEAL_LEDGER=told["ledger"],
        HEAL_RUNBOOKS=told["runbooks"],
    )
    sections = {"alertmanager": {"webhook_token": TOKEN}, "http": {"allowed_hosts": told["host"]}}
    logs.begin("INFO", [])
    house = await House.open(settings, sections=lambda name: sections.get(name, {}))
    while house.journal.waiting < told.get("wait", 0):
        await house.clock.sleep(0.01)
    child.say(port=house.server.port, took=house.took)
    await child.until_let_go()
    await house.close()
