"""The README's configuration, in a real Alertmanager, brings an alert through our door."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from bot.clients.senders import WebhookSettings
from bot.core.alert import Alert
from bot.core.errors import AlertRejected
from bot.core.posted import Posted, Receipt
from bot.sources.alertmanager import PLUGIN
from bot.web.server import AlertDoor, Server
from tests.rules import house

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
SECRET = "the same long random text"
PATIENCE = 60.0
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(PROGRAM is None, reason="not run: no prometheus-alertmanager"),
]


class Door:
    """What the engine would do at it: ask for the secret, read the alerts."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.knocked = asyncio.Event()

    async def receive(
        self, name: str, headers: Mapping[str, str], body: bytes, peer: str, *, vouched: bool
    ) -> Receipt:
        source = PLUGIN(WebhookSettings(token=SecretStr(SECRET)))
        posted = Posted(headers, body, datetime.now(UTC), peer, vouched)
        if name != "alertmanager" or await source.authentic(posted):
            raise AlertRejected("not authentic", 401)
        self.alerts += source.read(posted)
        self.knocked.set()
        return Receipt(len(self.alerts))

    async def ready(self) -> str:
        return ""


@asynccontextmanager
async def alertmanager(directory: Path, config: str) -> AsyncIterator[str]:
    """Its address while it runs."""
    (directory / "config.yml").write_text(config)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    running = await asyncio.create_subprocess_exec(
        str(PROGRAM), f"--config.file={directory}/config.yml", f"--storage.path={directory}",
        f"--web.listen-address={address}", "--cluster.listen-address=",
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://{address}"
    finally:
        running.kill()
        await running.wait()


async def test_an_alert_arrives_as_the_readme_says(tmp_path: Path) -> None:
    text = (house.ROOT / "README.md").read_text(encoding="utf-8")
    (config,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    door = Door()
    server = await Server(AlertDoor(door.receive), None, door.ready).open("127.0.0.1", 0)
    here = config.replace("127.0.0.1:3001", f"127.0.0.1:{server.port}")
    quick = here.replace("  receiver: heal\n", "  receiver: heal\n  group_wait: 0s\n", 1)
    labels = {"alertname": "ServiceDown", "service": "shop", "environment": "demo"}
    async with (
        alertmanager(tmp_path, quick) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
        asyncio.timeout(PATIENCE),
    ):
        while not await posted(client, labels):
            await asyncio.sleep(0.05)
        await door.knocked.wait()
    await server.close()

    assert [(one.name, one.service, one.environment) for one in door.alerts] == [
        ("ServiceDown", "shop", "demo")
    ]


async def posted(client: httpx.AsyncClient, labels: dict[str, str]) -> bool:
    """Whether Alertmanager took the alert; it does not while it is starting."""
    try:
        return (await client.post("/api/v2/alerts", json=[{"labels": labels}])).is_success
    except httpx.TransportError:
        return False
