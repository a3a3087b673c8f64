"""Figures are for whoever carries the token, in a format that Prometheus reads."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from bot.core.errors import StoreUnavailable
from bot.telemetry.metrics import FORMAT, Metrics
from bot.web.metrics import MetricsDoor

TOKEN = "a long random text"


class Figures:
    """Writes figures, or raises what it was told to raise."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.asked = 0

    async def text(self) -> bytes:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return Metrics().text({})


@pytest.fixture
def figures() -> Figures:
    return Figures()


@pytest.fixture
async def client(figures: Figures) -> AsyncIterator[httpx.AsyncClient]:
    app = web.Application()
    app.router.add_get("/metrics", MetricsDoor(TOKEN, figures.text, FORMAT).answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as opened:
        yield opened
    await runner.cleanup()


async def test_who_carries_the_token_reads_the_figures(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE heal_accept_seconds histogram" in answer.text
    assert "process_resident_memory_bytes" in answer.text


@pytest.mark.parametrize("given", ["", "Bearer", f"Basic {TOKEN}", "Bearer é", f"Bearer {TOKEN}x"])
async def test_a_stranger_reads_nothing_and_costs_nothing(
    client: httpx.AsyncClient, figures: Figures, given: str
) -> None:
    headers = {b"Authorization": given.encode()}
    answer = await client.get("/metrics", headers=headers)

    assert (answer.status_code, figures.asked) == (401, 0)
    assert "HEAL_METRICS_TOKEN" in answer.json()["error"]


async def test_a_file_that_cannot_be_read_is_said_calmly(
    client: httpx.AsyncClient, figures: Figures
) -> None:
    figures.error = StoreUnavailable("heal.db cannot be read")
    answer = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert (answer.status_code, answer.json()["error"]) == (503, "heal.db cannot be read")
