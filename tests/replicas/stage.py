"""A stage of several replicas around one Postgres: a supervisor starts again whatever ended."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import psycopg

from bot.app.replica import SUPERSEDED
from bot.durable.member import Times
from tests.clients.postgreses import Postgres
from tests.faults import checker, street
from tests.faults import stage as faults
from tests.faults.checker import Verdict
from tests.faults.street import Book, House
from tests.journeys import scenes
from tests.journeys.scenes import NURSERY
from tests.replicas import lives
from tests.replicas.lives import BRISK

KILLED = -9
HOW_MANY = 3


@dataclass
class Replica:
    """One of them: its folder, its port, and the life that it has now."""

    own: Path
    port: int
    life: BaseProcess | None = None
    codes: list[int | None] = field(default_factory=list)
    """How its lives ended, except by SIGTERM."""
    stopping: bool = False

    @property
    def pid(self) -> int:
        found = self.life.pid if self.life is not None and self.life.is_alive() else None
        return found or 0

    @property
    def ledger(self) -> Path:
        return self.own / "heal.db"

    def log(self) -> str:
        log = self.own / "bot.log"
        return log.read_text() if log.exists() else ""


@dataclass
class Stage(faults.Stage):
    """The scene and the street of the faults, with replicas where there was one bot."""

    replicas: list[Replica] = field(default_factory=list)
    database: str = ""
    times: Times = BRISK
    chance: random.Random = field(default_factory=random.Random)
    line: psycopg.Connection | None = None

    async def keep(self) -> None:
        """Keep them all alive, as supervisors do."""
        async with asyncio.TaskGroup() as group:
            for one in self.replicas:
                group.create_task(self._keep(one))

    async def _keep(self, one: Replica) -> None:
        while True:
            one.life = NURSERY.Process(
                target=lives.main,
                args=(self.scene.directory, one.own, one.port, self.database, self.times),
            )  # fmt: skip
            one.life.start()
            while one.life.is_alive():
                await self.clock.sleep(0.02)
            code = one.life.exitcode
            one.codes.append(code)
            if code not in {KILLED, SUPERSEDED} and not (code == 0 and one.stopping):
                raise AssertionError(f"a replica ended by itself: {code}\n{one.log()[-3000:]}")
            one.stopping = False

    def hang_up(self) -> None:
        """End the session that holds the seat, as a firewall or an administrator may."""
        sql = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
        with psycopg.connect(self.database, autocommit=True) as conn:
            conn.execute(sql)

    def seat(self) -> tuple[int, int]:
        """The epoch, and the pid of who has the seat; zeros while that cannot be asked."""
        sql = "select epoch, coalesce(pid, 0) from heal_seat left join heal_member using (executor)"
        for _ in range(2):  # the line may be one of before Postgres was restarted
            try:
                if self.line is None:
                    self.line = psycopg.connect(self.database, connect_timeout=2, autocommit=True)
                return self.line.execute(sql).fetchone() or (0, 0)
            except psycopg.Error:
                self.hang_up_own()
        return 0, 0

    def hang_up_own(self) -> None:
        """Let go of the line on which the seat is looked at."""
        line, self.line = self.line, None
        if line is not None:
            line.close()

    async def active(self) -> Replica:
        """Who has the seat, once that is a replica that lives."""
        while True:
            _, pid = await asyncio.to_thread(self.seat)
            for one in self.replicas:
                if pid and one.pid == pid:
                    return one
            await self.clock.sleep(0.05)

    async def taken_over(self, epoch: int) -> float:
        """Wait until a later epoch began; how many seconds that took."""
        began = time.monotonic()
        while (await asyncio.to_thread(self.seat))[0] <= epoch:
            await self.clock.sleep(0.02)
        return time.monotonic() - began

    async def ready(self) -> Replica:
        """Who is active and says so at its own door."""
        while True:
            for one in self.replicas:
                with suppress(httpx.HTTPError):
                    if await self.status(one) == 200:
                        return one
            await self.clock.sleep(0.05)

    async def status(self, one: Replica) -> int:
        return (await self.get(one, "/readyz")).status_code

    async def get(self, one: Replica, path: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            return await client.get(f"http://127.0.0.1:{one.port}{path}")

    async def posted(self, alert: dict[str, object]) -> int:
        """Post it to any of them, as a balancer without health checks would."""
        self.scene.port = self.chance.choice(self.replicas).port
        try:
            return await self.scene.send(alert)
        except (httpx.TransportError, TimeoutError):
            return 0

    async def restart(self, one: Replica) -> None:
        """End it as an operator does, and wait until its next life began."""
        old, one.stopping = one.pid, True
        os.kill(old, signal.SIGTERM)
        while one.pid in {0, old}:
            await self.clock.sleep(0.05)

    @property
    def ledger(self) -> Path:
        """The file that is furthest; any other follows it."""
        return max(self.replicas, key=lambda one: _length(one.ledger)).ledger

    async def all_follow(self) -> None:
        """Wait until every file has what the furthest has."""
        while len({_length(one.ledger) for one in self.replicas}) > 1:
            await self.clock.sleep(0.1)

    def judged(self) -> Verdict:
        return checker.check(self.log, self.ledger)


def _length(ledger: Path) -> int:
    if not ledger.exists():
        return 0
    uri = f"{ledger.absolute().as_uri()}?mode=ro"
    with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True)) as conn:
        return int(conn.execute("select coalesce(max(seq), 0) from entry").fetchone()[0])
    return 0


@asynccontextmanager
async def opened(
    directory: Path,
    postgres: Postgres,
    houses: dict[str, House],
    books: Iterable[Book],
    *,
    times: Times = BRISK,
    rules: Mapping[str, object] | None = None,
    detectors: Mapping[str, str] | None = None,
    sections: Mapping[str, dict[str, str]] | None = None,
    seed: int = 0,
) -> AsyncIterator[Stage]:
    """Open it with its replicas; a supervisor that gives up fails the test."""
    posts = max(50, len(houses))
    with ExitStack() as held:
        database = held.enter_context(postgres.database())
        async with (
            scenes.opened(directory, posts=posts) as scene,
            street.opened(directory / "t") as ours,
        ):
            ours.houses = houses
            street.furnish(directory, ours, books, {"concurrency": 1000, **(rules or {})})
            scene.tell(**(sections or {}))
            for name, text in (detectors or {}).items():
                (directory / "runbooks" / "detectors" / f"{name}.yaml").write_text(
                    text.format(url=ours.url)
                )
            ports = [held.enter_context(scenes.held_port()) for _ in range(HOW_MANY)]
            replicas = [Replica(directory / f"r{port}", port) for port in ports]
            for one in replicas:
                one.own.mkdir()
            stage = Stage(scene, ours, replicas=replicas, database=database, times=times,
                          chance=random.Random(seed))  # fmt: skip
            scene.elsewhere = lambda: stage.ledger
            try:
                async with asyncio.TaskGroup() as group:
                    keeper = group.create_task(stage.keep())
                    yield stage
                    keeper.cancel()
            finally:
                stage.hang_up_own()
                _end(replicas)


def _end(replicas: Iterable[Replica]) -> None:
    for one in replicas:
        if one.pid and one.life is not None:
            one.life.kill()
            os.kill(one.life.pid or 0, signal.SIGCONT)
            one.life.join(30)
