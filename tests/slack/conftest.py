"""A workspace with room for many posts, and the Slack room at work in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.rehearsal.workspace import Workspace
from bot.slack.pacing import Pace
from bot.slack.posting import Poster
from bot.slack.sending import Evidence, Sender
from bot.store.outbox import Outbox
from bot.store.writer import Writer
from tests.slack import house as houses
from tests.slack.house import FAST, House
from tests.slack.rows import Start


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace.open(
        burst=1000, updates_per_minute=100_000, posts_per_second=1000
    ) as opened:
        yield opened


@pytest.fixture
async def house(workspace: Workspace, tmp_path: Path) -> AsyncIterator[House]:
    async with houses.opened(workspace, tmp_path) as opened:
        await workspace.until(lambda: workspace.connections)
        yield opened


@pytest.fixture
async def by_http(tmp_path: Path) -> AsyncIterator[tuple[House, str]]:
    """The room in HTTP mode, and the URL that Slack calls."""
    box: list[House] = []
    async with (
        houses.mounted(box) as url,
        Workspace.open(burst=1000, events_url=url) as workspace,
        houses.opened(workspace, tmp_path, socket=False) as opened,
    ):
        box.append(opened)
        yield opened, url


@pytest.fixture
def doubts() -> list[str]:
    """Why this process may not speak, one for each time that it is asked; then it may."""
    return []


@pytest.fixture
async def outbox(tmp_path: Path, doubts: list[str]) -> AsyncIterator[Outbox]:
    writer = await Writer.open(tmp_path / "heal.db")
    yield Outbox(writer, lambda: doubts.pop(0) if doubts else "")
    await writer.close()


@pytest.fixture
async def start(workspace: Workspace, outbox: Outbox) -> AsyncIterator[Start]:
    """Starts posters, with a pace; they are closed with the test."""
    begun: list[Poster] = []
    async with aiohttp.ClientSession() as session:

        async def one(
            pace: Pace = FAST,
            url: str = workspace.api_url,
            evidence: Evidence | None = None,
            owed: Callable[[str], bool] = lambda _: False,
        ) -> Poster:
            client = AsyncWebClient("xoxb-local", url, session=session, retry_handlers=[])
            poster = Poster(outbox, Sender(client, "U0HEAL", evidence), Clock(), pace, owed)
            begun.append(poster)
            await poster.start()
            return poster

        yield one
        for poster in begun:
            await poster.close()
