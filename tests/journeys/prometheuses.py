"""A real Prometheus of Debian on loopback, that scrapes a real exporter and has a rule."""

from __future__ import annotations

import asyncio
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.journeys import scenes

PROGRAM = "prometheus"
EXPORTER = Path(__file__).with_name("exporter.py")
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
scrape_configs:
  - job_name: services
    static_configs:
      - {{targets: ["127.0.0.1:{exporter}"], labels: {{service: {service}, environment: demo}}}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["{alertmanager}"]}}]}}]}}
"""
RULES = """
groups:
  - name: services
    rules:
      - alert: ServiceDown
        # what was scraped last: a scrape that a busy machine was late for is no recovery
        expr: last_over_time(probe_success[5m]) == 0
        for: 2s
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.service }} does not answer"}
"""
needed = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"not run: no {PROGRAM}")


@asynccontextmanager
async def exporting(url: str) -> AsyncIterator[int]:
    """Run an exporter that asks this address at each scrape; the port that it serves on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", str(EXPORTER), url, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def watching(
    directory: Path, service: str, exporter: int, alertmanager: str
) -> AsyncIterator[str]:
    """Scrape this exporter for a service, each second, and tell this Alertmanager; its URL."""
    config, address = directory / "prometheus.yml", f"127.0.0.1:{scenes.free_port()}"
    told = alertmanager.removeprefix("http://")
    config.write_text(CONFIG.format(exporter=exporter, service=service, alertmanager=told))
    (directory / "rules.yml").write_text(RULES)
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'prometheus'}",
        f"--web.listen-address={address}",
        f"--web.external-url=http://{address}",
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        yield f"http://{address}"
    finally:
        process.kill()
        await process.wait()


async def stands(url: str, *states: str) -> None:
    """Wait until its alerts stand so: pending or firing, one word each; none when all is clear."""
    async with asyncio.timeout(scenes.PATIENCE), httpx.AsyncClient(trust_env=False) as client:
        while True:
            with suppress(httpx.TransportError):
                told = await client.get(f"{url}/api/v1/alerts")
                if told.is_success and states == tuple(
                    one["state"] for one in told.json()["data"]["alerts"]
                ):
                    return
            await asyncio.sleep(0.1)
