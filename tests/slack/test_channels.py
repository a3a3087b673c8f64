"""The channel of the cards: found by its name, or the start says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import ConfigurationError, TemporaryError
from bot.rehearsal.workspace import Workspace
from bot.rehearsal.workspace.cast import App, Cast, Room
from bot.slack import channels

ROOMS = (Room("C0ALERTS", "alerts"), Room("C0FAR", "far", bot_inside=False))


@pytest.fixture
async def client() -> AsyncIterator[AsyncWebClient]:
    async with Workspace.open(cast=Cast(rooms=ROOMS)) as workspace:
        yield AsyncWebClient("xoxb-local", workspace.api_url)


@pytest.mark.parametrize("name", ["alerts", "#alerts", "C0ALERTS"])
async def test_a_channel_is_found_by_name_or_believed_by_id(
    client: AsyncWebClient, name: str
) -> None:
    assert await channels.id_of(client, name) == "C0ALERTS"


async def test_an_unknown_channel_is_answered_with_the_nearest_name(
    client: AsyncWebClient,
) -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'alerts'"):
        await channels.id_of(client, "#alrts")


async def test_a_channel_that_heal_is_not_in_stops_the_start(client: AsyncWebClient) -> None:
    with pytest.raises(ConfigurationError, match="Heal is not in #far"):
        await channels.id_of(client, "#far")


async def test_a_scope_that_is_missing_stops_the_start_and_is_named() -> None:
    app = App(scopes=App().scopes - {"channels:read", "groups:read"})
    async with Workspace.open(cast=Cast(rooms=ROOMS, app=app)) as workspace:
        client = AsyncWebClient("xoxb-local", workspace.api_url)
        with pytest.raises(ConfigurationError, match=r"missing_scope: channels:read.* add the"):
            await channels.id_of(client, "#alerts")


async def test_a_slack_that_is_away_is_no_wrong_setting() -> None:
    client = AsyncWebClient("xoxb-local", "http://127.0.0.1:9/api/")
    with pytest.raises(TemporaryError, match="Slack cannot be asked"):
        await channels.id_of(client, "#alerts")
