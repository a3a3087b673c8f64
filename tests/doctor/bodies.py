"""A whole installation on loopback that nothing is wrong with, to be hurt in one place."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from bot import settings as settings_
from bot.clients.signing import Signer
from bot.clock import Clock
from bot.doctor import rounds
from bot.doctor.finding import Finding
from bot.doctor.patient import Told, admitted
from bot.rehearsal import library
from bot.rehearsal.workspace import App, Cast, Workspace
from bot.rehearsal.workspace.cast import GROUPS, ROOMS, Group, Room
from bot.settings import Lenient

KEPT = {
    f"{name}.yaml"
    for name in ("restart-dead-service", "raise-connection-pool", "open-circuit-breaker")
}
"""Runbooks of host, http and prometheus: what others are shipped does not matter here."""

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Believes no certificate: nothing here speaks TLS, and to load the system's takes a while."""


KEY = Signer("ledger.test", b"1" * 32)


class Shifted(Clock):
    """A clock that is wrong by so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._off = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._off


@dataclass
class Body:
    """What can be hurt: settings, the environment, files below `directory`, the workspace."""

    directory: Path
    settings: dict[str, Any]
    environment: dict[str, str]
    app: App = field(default_factory=App)
    groups: tuple[Group, ...] = GROUPS
    rooms: tuple[Room, ...] = ROOMS
    off: float = 0.0
    posts: tuple[tuple[str, dict[str, Any]], ...] = ()
    """What bots wrote lately: the channel, and the message as Slack keeps it."""

    @property
    def ledger(self) -> Path:
        return self.directory / "heal.db"

    def write(self, place: str, old: str, new: str) -> None:
        """Change a file of the library."""
        path = self.directory / "runbooks" / place
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@asynccontextmanager
async def listening(status: int = 200) -> AsyncIterator[int]:
    """A server that answers everything with this status; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@cache
def shipped() -> Path:
    """The demo's library, written once: to read all the runbooks that are shipped takes a while."""
    directory = Path(tempfile.mkdtemp(prefix="heal-doctor-"))
    atexit.register(shutil.rmtree, directory)
    for path in library.write(directory, {"shop": "http://127.0.0.1:1"}).glob("*.yaml"):
        if path.name not in KEPT:
            path.unlink()
    return directory / "runbooks"


def healthy(directory: Path, port: int) -> Body:
    """Everything in order; `port` is where an HTTP server answers."""
    books = shutil.copytree(shipped(), directory / "runbooks")
    services = books / "policy" / "services.yaml"
    services.write_text(services.read_text().replace("127.0.0.1:1/", f"127.0.0.1:{port}/"))
    systemctl = directory / "systemctl"
    systemctl.write_text("#!/bin/sh\necho Version=252\n")
    systemctl.chmod(0o700)
    return Body(
        directory,
        settings={
            "SLACK_BOT_TOKEN": "xoxb-local",
            "SLACK_APP_TOKEN": "xapp-local",
            "SLACK_RECOVERY_CHANNEL": "#alerts",
            "SLACK_PORT": 0,
            "HEAL_LEDGER": directory / "heal.db",
            "HEAL_RUNBOOKS": directory / "runbooks",
        },
        environment={
            "PATH": "/usr/bin:/bin",
            "HEAL_HOST_SYSTEMCTL": str(systemctl),
            "HEAL_HTTP_ALLOWED_HOSTS": f"127.0.0.1:{port}",
            "HEAL_PROMETHEUS_URL": f"http://127.0.0.1:{port}",
            "HEAL_ALERTMANAGER_TOKEN": "a-long-and-random-text",
            "HEAL_CHECKPOINT_KEY": KEY.written,
            "HEAL_SINK_FILE_PATH": str(directory / "checkpoints.txt"),
            "HEAL_SINK_SLACK_WEBHOOK_URL": f"http://127.0.0.1:{port}/services/T/B/x",
        },
    )


async def examined(body: Body, *only: rounds.Check, deeply: bool = False) -> list[Finding]:
    """What the doctor finds, by these checks alone where some are given."""
    cast = Cast(app=body.app, groups=body.groups, rooms=body.rooms)
    async with Workspace.open(cast=cast) as workspace:
        for channel, message in body.posts:
            workspace.letters.add(channel, **message)
        settings = Lenient(**{"SLACK_API_URL": workspace.api_url, **body.settings})
        sections = partial(_section, body.environment)
        told = Told(settings, {}, sections, body.environment)
        async with admitted(told, Shifted(body.off), TLS) as patient:
            if only:
                return [one for check in only for one in await check(patient)]
            return await rounds.examine(patient, deeply=deeply)


def _section(environment: dict[str, str], system: str) -> dict[str, str]:
    return settings_.section(system, environment)
