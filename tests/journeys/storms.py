"""A storm: alerts at a rate that waits for nobody, each delivered several times; what came of it.

The bot is a process of its own with Slack's own pace, the workspace has Slack's real limits. All
figures are counted at the workspace and from the ledger file, none is the bot's own word.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import httpx

from bot.clock import Clock
from bot.core.lifecycle import State
from bot.rehearsal.workspace import Workspace
from bot.rehearsal.workspace.world import Call
from bot.slack import letters
from tests.journeys import scenes, street
from tests.journeys.scenes import TOKEN, Scene
from tests.journeys.street import ALERTS, Street

TICK = 0.1


@dataclass(frozen=True)
class Size:
    """How hard it blows: seconds, alerts a second, and how often each alert is delivered."""

    seconds: float = 60
    rate: int = 200
    deliveries: int = 4
    mends: int = 34
    asks: int = 6
    none: int = 10


@dataclass
class Storm:
    """What was sent, and where it can be seen what came of it."""

    size: Size
    scene: Scene
    street: Street
    sent: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    largest: int = 0
    """Most kilobytes of memory that the bot held."""

    async def blow(self) -> None:
        """Send everything at its time, whether or not what came before was answered."""
        clock = Clock()
        began, number = clock.monotonic(), 0
        limits = httpx.Limits(max_connections=None)
        async with (
            httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            for tick in range(round(self.size.seconds / TICK)):
                await clock.sleep(max(0.0, began + tick * TICK - clock.monotonic()))
                alerts = []
                for _ in range(round(self.size.rate * TICK)):
                    alerts.append(self._alert(number))
                    number += 1
                for again in range(self.size.deliveries):
                    pause = 0.0 if again < 2 else random.uniform(0.1, 1.5)
                    group.create_task(self._post(client, alerts, pause))
                self.largest = max(self.largest, self.memory())

    def _alert(self, number: int) -> dict[str, object]:
        names = list(self.street.becomes)
        service = names[number % len(names)]
        self.sent[service] += 1
        name = ALERTS[self.street.becomes[service]]
        return scenes.one_alert(name, service, "firing", environment="street", pod=f"pod-{number}")

    async def _post(
        self, client: httpx.AsyncClient, alerts: list[dict[str, object]], pause: float
    ) -> None:
        """Deliver once; what is not taken is delivered again, as Alertmanager does."""
        await asyncio.sleep(pause)
        url = f"http://127.0.0.1:{self.scene.port}/alerts/alertmanager"
        while True:
            answer = await client.post(url, json=scenes.webhook(alerts),
                                       headers={"Authorization": f"Bearer {TOKEN}"})  # fmt: skip
            self.answers[answer.status_code] += 1
            if answer.status_code < 500:
                return
            await asyncio.sleep(0.5)

    def memory(self) -> int:
        """Kilobytes that the bot holds now."""
        pid = self.scene.bot.pid if self.scene.bot else 0
        told = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in told if line.startswith("VmRSS")))

    def worked(self) -> float:
        """Seconds of the processor that the bot took so far."""
        pid = self.scene.bot.pid if self.scene.bot else 0
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    async def settled(self, patience: float = 120) -> None:
        """Wait until everything that was sent belongs to an incident, and all questions stand."""
        clock = Clock()
        async with asyncio.timeout(patience):
            while figures(self).lost or len(shown(self)) < self.size.asks:
                await clock.sleep(1)

    def figures(self) -> Figures:
        """Count at the workspace and in the ledger file."""
        return figures(self)


class Figures(NamedTuple):
    """What a storm came to."""

    alerts: int
    lost: int
    incidents: int
    entries: int
    joined: int
    posts_per_second: float
    """The most posts of one channel in any ten seconds beyond the burst, divided by ten."""
    edits_per_minute: int
    refused: int
    """Calls that Slack answered with 429."""
    waits: tuple[float, ...]
    """Seconds from each question's entry to its buttons in Slack, shortest first."""
    megabytes: float
    seconds: float
    """Of the processor's time that the bot took."""


def figures(storm: Storm) -> Figures:
    """Count at the workspace and in the ledger file."""
    entries, workspace = storm.scene.entries(), storm.scene.workspace
    known = {fingerprint for incident in storm.scene.incidents() for fingerprint in incident.alerts}
    posts = [c.at for c in workspace.called("chat.postMessage") if c.error is None]
    edits = [c.at for c in workspace.called("chat.update")]
    kinds = Counter(entry.kind for entry in entries)
    return Figures(
        alerts=sum(storm.sent.values()),
        lost=sum(storm.sent.values()) - len(known),
        incidents=kinds["incident.opened"],
        entries=len(entries),
        joined=kinds["alert.joined"],
        posts_per_second=max(0, most_within(10, posts) - 3) / 10,
        edits_per_minute=most_within(60, edits),
        refused=sum(call.error == "ratelimited" for call in workspace.calls),
        waits=tuple(sorted(waits(storm))),
        megabytes=storm.largest / 1024,
        seconds=storm.worked(),
    )


def waits(storm: Storm) -> list[float]:
    """Seconds between each question on the record and its buttons in Slack."""
    clock, seen = Clock(), shown(storm)
    since = clock.now() - timedelta(seconds=clock.monotonic())
    asked = [e for e in storm.scene.entries() if e.kind == "approval.asked"]
    return [seen.get(e.incident, float("inf")) - (e.at - since).total_seconds() for e in asked]


def shown(storm: Storm) -> dict[str, float]:
    """When the buttons of each incident first stood in Slack, in monotonic seconds."""
    seen: dict[str, float] = {}
    for call in storm.scene.workspace.calls:
        if call.error is None and "approve_recovery" in json.dumps(call.args.get("blocks", "")):
            seen.setdefault(letters.incident_of(slot(call)), call.at)
    return seen


def slot(call: Call) -> str:
    """Which message of ours was sent."""
    about = call.args["metadata"]
    told = json.loads(about) if isinstance(about, str) else about
    return str(told["event_payload"]["slot"])


def mended(storm: Storm) -> int:
    """How many incidents are healed by now."""
    return sum(one.state is State.HEALED for one in storm.scene.incidents())


def digests(storm: Storm) -> list[str]:
    """What the digests in the channel say."""
    texts = [str(message["text"]) for message in storm.scene.workspace.messages("alerts")]
    return [text for text in texts if text.startswith(("☔ Storm", "☀️ The storm"))]


def most_within(window: float, moments: list[float]) -> int:
    """The most moments that any window of this many seconds holds."""
    return max((sum(at <= one < at + window for one in moments) for at in moments), default=0)


@asynccontextmanager
async def opened(directory: Path, size: Size) -> AsyncIterator[Storm]:
    """A street, a workspace as strict as Slack, and the bot at Slack's own pace."""
    port = scenes.free_port()
    async with (
        Workspace.open() as workspace,
        street.opened(size.mends, size.asks, size.none) as built,
    ):
        built.write(directory)
        host = built.url.removeprefix("http://")
        told = {
            "api": workspace.api_url, "port": port, "http": False, "pace": "slack",
            "sections": {"http": {"allowed_hosts": host}, "alertmanager": {"webhook_token": TOKEN}},
        }  # fmt: skip
        (directory / "stage.json").write_text(json.dumps(told))
        scene = Scene(directory, workspace, None, port)  # type: ignore[arg-type]
        try:
            await scene.start()
            await scene.ready()
            yield Storm(size, scene, built)
        finally:
            await scene.stop()
