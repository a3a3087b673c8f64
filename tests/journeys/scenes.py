"""A town, a workspace and a bot in a process of its own, which can be killed and started again."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx

from bot.clock import Clock
from bot.core import folding
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.transcript import Entry
from bot.rehearsal import library, stage
from bot.rehearsal.sandbox.town import Town
from bot.rehearsal.workspace import Workspace
from bot.store import reading
from tests.journeys import looks, mortal

NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["tests.journeys.mortal"])

TOKEN = stage.ALERT_TOKEN
GRAPHS = "true" if looks.WANTED else "false"
"""A picture takes seconds of a processor, so a journey has them only where they are looked at."""
PATIENCE = 300.0
"""Seconds until something that should have come is given up: many tests share the machine."""


@dataclass
class Scene:
    """What a journey looks at: the world outside of the bot, and the bot's ledger file."""

    directory: Path
    workspace: Workspace
    town: Town
    port: int
    bot: BaseProcess | None = None
    elsewhere: Callable[[], Path] | None = None
    """Where the ledger's file is, if not in the directory."""

    @property
    def ledger(self) -> Path:
        return self.elsewhere() if self.elsewhere else self.directory / "heal.db"

    def set(self, **settings: str) -> None:
        """Give the bot these settings at its next start."""
        place = self.directory / "stage.json"
        place.write_text(json.dumps(json.loads(place.read_text()) | {"settings": settings}))

    def tell(self, **sections: dict[str, str]) -> None:
        """Give the bot these settings of plug-ins and parts of the house at its next start."""
        place = self.directory / "stage.json"
        told = json.loads(place.read_text())
        place.write_text(json.dumps(told | {"sections": told["sections"] | sections}))

    def waiting(self) -> int:
        """How many things came in that the bot has not dealt with."""
        with reading.opened(self.ledger) as conn:
            return int(conn.execute("select count(*) from inbox where state = 'new'").fetchone()[0])

    async def start(self) -> None:
        """Start the bot, and wait until it has opened its doors."""
        alive = NURSERY.Event()
        self.bot = NURSERY.Process(target=mortal.main, args=(self.directory, alive))
        self.bot.start()
        await self.until(lambda: alive.is_set() or not self.lives)
        assert alive.is_set(), self.log()[-2000:]

    async def start_another(self) -> None:
        """Start a second bot on the same ledger; it takes the first one's place here."""
        self.bot = NURSERY.Process(target=mortal.main, args=(self.directory, NURSERY.Event()))
        self.bot.start()

    @property
    def lives(self) -> bool:
        return self.bot is not None and self.bot.is_alive()

    async def death(self) -> int | None:
        """Wait until the bot is dead; its return code."""
        assert self.bot is not None
        await asyncio.to_thread(self.bot.join, PATIENCE)
        return self.bot.exitcode

    def kill(self) -> None:
        """End the bot as a lost machine does."""
        assert self.bot is not None
        self.bot.kill()

    async def stop(self) -> None:
        """End the bot as an operator does, if it still lives."""
        if self.bot is not None and self.lives:
            self.bot.terminate()
            await self.death()

    async def alert(self, name: str, service: str, status: str = "firing", **labels: str) -> int:
        """Post one alert as Alertmanager does; the HTTP status."""
        return await self.send(one_alert(name, service, status, **labels))

    async def send(self, *alerts: dict[str, object]) -> int:
        """Post these alerts as one group; the HTTP status."""
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            answer = await client.post(
                f"http://127.0.0.1:{self.port}/alerts/alertmanager",
                json=webhook(list(alerts)),
                headers={"Authorization": f"Bearer {TOKEN}"},
            )
        return answer.status_code

    def entries(self) -> list[Entry]:
        return list(reading.entries(self.ledger))

    def incidents(self) -> list[Incident]:
        """The incidents as the ledger file alone tells them."""
        folded: dict[str, Incident] = {}
        for entry in self.entries():
            if entry.incident:
                known = folded.get(entry.incident)
                folded[entry.incident] = (
                    folding.opened(entry) if known is None else folding.follow(known, entry)
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

    def log(self) -> str:
        """What the bot logged so far, over all its lives."""
        return (self.directory / "bot.log").read_text()

    async def ready(self) -> None:
        """Wait until the bot hears what people say."""
        await self.until(lambda: self.workspace.callbacks or self.workspace.connections)

    async def order(self, user: str, words: str) -> str:
        """Type `/heal …` in #alerts; what this person was told in private."""
        return await self.answer(user, self.workspace.command(user, "alerts", "/heal", words))

    async def mention(self, user: str, words: str, thread: str) -> str:
        """Write `@heal …` in a thread of #alerts; what this person was told in private."""
        text = f"<@{stage.LOCAL.user_id}> {words}"
        return await self.answer(user, self.workspace.post(user, "alerts", text, thread_ts=thread))

    async def answer(self, user: str, act: Awaitable[object]) -> str:
        """Do something as this person; the blocks of what they were told in private after it."""
        known = len(self.private(user))
        await act
        await self.until(lambda: len(self.private(user)) > known)
        return self.private(user)[-1]

    def private(self, user: str) -> list[str]:
        """Everything that this person was told in private."""
        person = self.workspace.world.person(user)
        notes = (note for note in self.workspace.ephemerals if note.to == person)
        return [json.dumps(note.message["blocks"], ensure_ascii=False) for note in notes]

    def shown(self, ts: str) -> str:
        """What stands on a message of #alerts now."""
        return json.dumps(self.workspace.message("alerts", ts)["blocks"], ensure_ascii=False)

    def effects(self, what: str) -> list[object]:
        """What really happened of one kind, in order: "put", "start", …"""
        return [e.get("value") for e in self.town.effects() if e["what"] == what]

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
async def opened(
    directory: Path, *, http: bool = False, posts: int = 50, clock: Clock | None = None
) -> AsyncIterator[Scene]:
    """
    A stage whose bot is not started yet; no detector, the alerts come from outside.

    In HTTP mode Slack posts to the bot, else the bot calls Slack and keeps the line. Slack takes so
    many posts a second in one channel; with 0 it has the limits that it really has.
    """
    (directory / "t").mkdir()
    with held_port() as port:
        async with _on(directory, port, http=http, posts=posts, clock=clock) as scene:
            yield scene


@asynccontextmanager
async def _on(
    directory: Path, port: int, *, http: bool, posts: int, clock: Clock | None
) -> AsyncIterator[Scene]:
    events = f"http://127.0.0.1:{port}/slack/events" if http else None
    loose: dict[str, Any] = {
        "burst": posts, "posts_per_second": posts, "updates_per_minute": 10_000, "tiers": False,
    }  # fmt: skip
    async with (
        Workspace.open(events_url=events, clock=clock, **(loose if posts else {})) as workspace,
        Town.open(directory / "t", clock) as town,
    ):
        runbooks = library.write(directory, {unit: town.url(unit) for unit in stage.UNITS})
        for path in (runbooks / "detectors").glob("*.yaml"):
            path.unlink()
        for path in runbooks.glob("*.yaml"):
            path.write_text(hurried(path.read_text()))
        told = {
            "api": workspace.api_url, "port": port, "http": http,
            "sections": {**stage.sections(town), "evidence": {"graphs": GRAPHS}},
        }  # fmt: skip
        (directory / "stage.json").write_text(json.dumps(told))
        scene = Scene(directory, workspace, town, port)
        try:
            yield scene
            if looks.WANTED:
                await looks.draw(workspace)
        finally:
            await scene.stop()


@contextmanager
def held_port() -> Iterator[int]:
    """A port nobody else is given while the bot is dead; bound, but never listened on."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


def free_port() -> int:
    with held_port() as port:
        return port


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
