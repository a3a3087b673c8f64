"""A town, a workspace and a bot in a process of its own, which can be killed and started again."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from bot.clock import Clock
from bot.core import incident as incidents
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.transcript import Entry
from bot.rehearsal import library, stage
from bot.rehearsal.sandbox.town import Town
from bot.rehearsal.workspace import Workspace
from bot.store import verifying
from tests.journeys import mortal

NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["tests.journeys.mortal"])

TOKEN = "local-alertmanager-token"
PATIENCE = 25.0


@dataclass
class Scene:
    """What a journey looks at: the world outside of the bot, and the bot's ledger file."""

    directory: Path
    workspace: Workspace
    town: Town
    port: int
    bot: BaseProcess | None = None

    async def start(self, moment: str = "never") -> None:
        """Start the bot; it dies at that moment, if it comes."""
        alive = NURSERY.Event()
        self.bot = NURSERY.Process(target=mortal.main, args=(self.directory, moment, alive))
        self.bot.start()
        assert await asyncio.to_thread(alive.wait, PATIENCE)

    async def start_another(self) -> None:
        """Start a second bot on the same ledger; it takes the first one's place here."""
        self.bot = NURSERY.Process(
            target=mortal.main, args=(self.directory, "never", NURSERY.Event())
        )
        self.bot.start()

    async def death(self) -> int | None:
        """Wait until the bot is dead; its return code."""
        assert self.bot is not None
        await asyncio.to_thread(self.bot.join, PATIENCE)
        return self.bot.exitcode

    async def stop(self) -> None:
        """End the bot as an operator does, if it still lives."""
        if self.bot is not None and self.bot.is_alive():
            self.bot.terminate()
            await self.death()

    async def alert(self, name: str, service: str, status: str = "firing", **labels: str) -> int:
        """Post one alert as Alertmanager does; the HTTP status."""
        body = webhook([one_alert(name, service, status, **labels)])
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            answer = await client.post(
                f"http://127.0.0.1:{self.port}/alerts/alertmanager",
                json=body,
                headers={"Authorization": f"Bearer {TOKEN}"},
            )
        return answer.status_code

    def entries(self) -> list[Entry]:
        return list(verifying.entries(self.directory / "heal.db"))

    def incidents(self) -> list[Incident]:
        """The incidents as the ledger file alone tells them."""
        folded: dict[str, Incident] = {}
        for entry in self.entries():
            if entry.incident:
                known = folded.get(entry.incident)
                folded[entry.incident] = (
                    incidents.opened(entry) if known is None else incidents.follow(known, entry)
                )
        return list(folded.values())

    async def until(self, held: Callable[[], object]) -> None:
        clock = Clock()
        async with asyncio.timeout(PATIENCE):
            while not held():
                await clock.sleep(0.1)

    async def reached(self, *states: State) -> Incident:
        """Wait until the newest incident is in one of these states."""
        await self.until(lambda: self.incidents() and self.incidents()[-1].state in states)
        return self.incidents()[-1]

    def card(self, holding: str) -> str:
        """The ts of the newest message in #alerts whose blocks hold this text, or nothing."""
        for message in reversed(self.workspace.messages("alerts")):
            if holding in json.dumps(message.get("blocks", [])):
                return str(message["ts"])
        return ""

    async def press(self, action: str, user: str = "andre") -> None:
        """Click a button of the newest card that has it."""
        await self.until(lambda: self.card(action))
        await self.workspace.click(user, "alerts", self.card(action), action)


def one_alert(name: str, service: str, status: str, **labels: str) -> dict[str, object]:
    more = {"alertname": name, "service": service, "environment": "demo", **labels}
    return {
        "status": status,
        "labels": {"severity": "critical", **more},
        "annotations": {"summary": f"{service} is in trouble"},
        "startsAt": "2026-11-20T10:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-20T10:05:00Z",
        "generatorURL": "http://prometheus.example/graph",
        "fingerprint": f"{abs(hash(tuple(sorted(more.items())))):016x}"[:16],
    }


def webhook(alerts: list[dict[str, object]]) -> dict[str, object]:
    return {
        "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": "firing",
        "receiver": "heal", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
        "externalURL": "http://alertmanager.example", "alerts": alerts,
    }  # fmt: skip


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[Scene]:
    """A stage whose bot is not started yet; no detector, the alerts come from outside."""
    (directory / "t").mkdir()
    async with (
        Workspace.open(burst=50, posts_per_second=50, updates_per_minute=10_000) as workspace,
        Town.open(directory / "t") as town,
    ):
        runbooks = library.write(directory, {unit: town.url(unit) for unit in stage.UNITS})
        for path in (runbooks / "detectors").glob("*.yaml"):
            path.unlink()
        for path in runbooks.glob("*.yaml"):
            path.write_text(hurried(path.read_text()))
        port = free_port()
        told = {"api": workspace.api_url, "port": port, "sections": {**stage.sections(town)}}
        (directory / "stage.json").write_text(json.dumps(told))
        scene = Scene(directory, workspace, town, port)
        try:
            yield scene
        finally:
            await scene.stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def hurried(runbook: str) -> str:
    """The shipped runbook with shorter waits: the same steps, criteria and way back."""
    for slow, fast in (
        ("every: 1s", "every: 100ms"),
        ("hold: 3s", "hold: 300ms"),
        ("hold: 2s", "hold: 300ms"),
        ("within: 5s", "within: 700ms"),
    ):
        runbook = runbook.replace(slow, fast)
    return runbook
