"""A real Alertmanager: its webhook opens the card, a click heals, its all-clear closes it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.core.lifecycle import State
from tests.journeys import scenes

PROGRAM = "prometheus-alertmanager"
CONFIG = """
route: {{receiver: heal, group_by: [alertname, service], group_wait: 200ms, group_interval: 1s}}
receivers:
  - name: heal
    webhook_configs:
      - url: http://127.0.0.1:{port}/alerts/alertmanager
        send_resolved: true
        http_config: {{authorization: {{type: Bearer, credentials: {token}}}}}
"""


@asynccontextmanager
async def alertmanager(directory: Path, heal: int) -> AsyncIterator[str]:
    """Run it on loopback, without a cluster; its URL."""
    config, port = directory / "alertmanager.yml", scenes.free_port()
    config.write_text(CONFIG.format(port=heal, token=scenes.TOKEN))
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        f"--config.file={config}",
        f"--storage.path={directory / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def tell(url: str, *, firing: bool) -> None:
    """Post the alert to Alertmanager's own API, as Prometheus does; waits until it listens."""
    now = datetime.now(UTC)
    ends = now + timedelta(minutes=5) if firing else now
    alert = {
        "labels": {
            "alertname": "ServiceDown",
            "service": "shop",
            "environment": "demo",
            "severity": "critical",
        },
        "annotations": {"summary": "the shop does not answer"},
        "startsAt": (now - timedelta(minutes=1)).isoformat(),
        "endsAt": ends.isoformat(),
        "generatorURL": "http://prometheus.example/graph?g0.expr=up",
    }
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(100):
            try:
                answer = await client.post(f"{url}/api/v2/alerts", json=[alert])
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                answer.raise_for_status()
                return
    raise AssertionError("Alertmanager does not listen")


@pytest.mark.real
@pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"not run: no {PROGRAM}")
async def test_a_real_alertmanager_is_healed_by_a_click_and_closes_it(tmp_path: Path) -> None:
    async with (
        scenes.opened(tmp_path) as scene,
        alertmanager(tmp_path, scene.port) as url,
    ):
        await scene.start()
        await scene.town.crash("shop")
        await tell(url, firing=True)
        await scene.reached(State.AWAITING_APPROVAL)
        await scene.press("approve_recovery")
        healed = await scene.reached(State.HEALED)
        await tell(url, firing=False)
        closed = await scene.reached(State.RESOLVED)
        await scene.until(lambda: scene.card("Resolved:") or scene.card("Healed:"))

        assert await scene.town.health("shop") == 200
        assert closed.id == healed.id
        assert [a.source for a in closed.alerts.values()] == ["alertmanager"]
        await scene.until(lambda: scene.workspace.files)
