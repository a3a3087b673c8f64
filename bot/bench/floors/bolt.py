"""Stock Bolt in HTTP mode, as its guide shows it: listeners that acknowledge and do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.bench.floors.intake import stand
from bot.bench.requests import TEAM


async def main(told: Mapping[str, Any]) -> None:
    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="xoxb-1")  # noqa: S106

    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    app = AsyncApp(signing_secret=told["secret"], authorize=authorize)
    app.command("/heal")(acknowledge)
    app.action("approve_recovery")(acknowledge)
    await stand(app.web_app("/slack/events"))
