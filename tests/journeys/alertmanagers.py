"""A real Alertmanager of Debian, run on loopback, and told of alerts as Prometheus tells it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.journeys import scenes

PROGRAM = "prometheus-alertmanager"
ROUTE = """
route: {receiver: heal, group_by: [alertname, service], group_wait: 1s, group_interval: 1s}
receivers:
  - name: heal
"""
needed = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"not run: no {PROGRAM}")


def by_webhook(port: int) -> str:
    """A part of a receiver: posts to Heal's own door."""
    return f"""
    webhook_configs:
      - url: http://127.0.0.1:{port}/alerts/alertmanager
        send_resolved: true
        http_config: {{authorization: {{type: Bearer, credentials: {scenes.TOKEN}}}}}
"""


def by_slack(url: str) -> str:
    """A part of a receiver: posts into a channel, by the default template."""
    return f"""
    slack_configs:
      - {{api_url: "{url}", channel: "#alerts", send_resolved: true}}
"""


@asynccontextmanager
async def running(directory: Path, *ways: str) -> AsyncIterator[str]:
    """Run it, without a cluster; its URL. `ways` are the parts of its one receiver."""
    config, port = directory / "alertmanager.yml", scenes.free_port()
    config.write_text(ROUTE + "".join(ways))
    url = f"http://127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        f"--config.file={config}",
        f"--storage.path={directory / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--web.external-url={url}",
        "--cluster.listen-address=",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield url
    finally:
        process.terminate()
        await process.wait()


async def tell(url: str, *instances: str, firing: bool) -> None:
    """Post an alert of each instance of the shop to its own API; waits until it listens."""
    now = datetime.now(UTC)
    ends = now + timedelta(minutes=5) if firing else now
    # One that began longer ago than group_wait is told at once, without those that come with it.
    starts = now if firing else now - timedelta(minutes=1)
    alerts = [
        {
            "labels": {
                "alertname": "ServiceDown",
                "service": "shop",
                "environment": "demo",
                "severity": "critical",
                "instance": instance,
            },
            "annotations": {"summary": "the shop does not answer"},
            "startsAt": starts.isoformat(),
            "endsAt": ends.isoformat(),
            "generatorURL": "http://prometheus.example/graph?g0.expr=up",
        }
        for instance in instances
    ]
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(100):
            try:
                answer = await client.post(f"{url}/api/v2/alerts", json=alerts)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                answer.raise_for_status()
                return
    raise AssertionError("Alertmanager does not listen")
