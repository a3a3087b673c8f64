"""Starts, ours and the floor's: from the moment a process is spawned until it may be relied on."""

from __future__ import annotations

import functools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bot.bench import children, copies, newcomer, town
from bot.bench.children import Child
from bot.bench.measure import Sample, Trial
from bot.clock import Clock
from bot.rehearsal.workspace import Workspace

FLOOR = "F4 bare start"
REST = "Python, imports, the first answer"
RUNBOOKS = 1000
ENDED = 10_000
WAITING = 10_000
OPEN = 1000


@functools.cache
def _shelf() -> TemporaryDirectory[str]:
    """What was prepared for one turn serves all turns of this bench; gone when it ends."""
    return TemporaryDirectory(prefix="heal-bench-past-")


async def prepared(
    trial: Trial, name: str, count: int, make: Callable[[Trial, int], Awaitable[Path]]
) -> Path:
    kept = Path(_shelf().name) / f"{name}-{count}.db"
    if not kept.exists():
        shutil.move(await make(trial, count), kept)
    return Path(shutil.copy(kept, trial.directory / "heal.db"))


async def _long_life(trial: Trial, count: int) -> Path:
    ledger = await copies.healed(trial, count)
    await copies.waiting(ledger, trial.count(WAITING, 100))
    return ledger


async def ours(trial: Trial) -> Sample:
    """
    The production bot with a long past: ready when its own readiness says so.

    Its past is 10,000 incidents that ended, and 10,000 accepted alerts that nobody took yet.
    """
    ledger = await prepared(trial, "ended", trial.count(ENDED, 20), _long_life)
    async with told(trial, ledger, trial.count(RUNBOOKS, 10), 50) as known:
        return await _timed(trial, newcomer.__name__, known)


async def floor(trial: Trial) -> Sample:
    """The same files read by floors/start.py."""
    ledger = await prepared(trial, "ended", trial.count(ENDED, 20), _long_life)
    runbooks = town.library(
        trial.directory / "runbooks", "127.0.0.1:9", trial.count(RUNBOOKS, 10), 50
    )
    told = {"ledger": str(ledger), "runbooks": str(runbooks)}
    return await _timed(trial, "bot.bench.floors.start", told)


async def resumed(trial: Trial) -> Sample:
    """
    The production bot after a kill in the middle of 1,000 runs, each in a step of its own.

    A run is resumed when the ledger says how that step stands: nobody knows whether it was done,
    so it is not repeated, and what a person must decide is asked.
    """
    count = trial.count(OPEN, 10)
    ledger = await prepared(trial, "killed", count, copies.killed)
    last = copies.told(ledger, "step.ended")
    async with told(trial, ledger, 1, count) as known:
        clock = Clock()
        began = clock.monotonic()
        async with children.started(newcomer.__name__, known, trial.directory, _core(trial)) as bot:
            await copies.until(
                lambda: copies.told(ledger, "step.ended") - last >= count,
                f"not all of {count} runs were resumed",
            )
            seconds = clock.monotonic() - began
            await bot.kill()
    return Sample({"seconds": seconds})


@asynccontextmanager
async def told(
    trial: Trial, ledger: Path, runbooks: int, services: int
) -> AsyncIterator[dict[str, Any]]:
    """What a newcomer is told, with Slack and something sick in this process."""
    async with town.sick(hangs=True) as sick, Workspace.open(tiers=False) as workspace:
        library = town.library(trial.directory / "runbooks", sick.host, runbooks, services)
        yield {
            "api": workspace.api_url, "tokens": copies.TOKENS, "host": sick.host,
            "ledger": str(ledger), "runbooks": str(library),
        }  # fmt: skip


async def _timed(trial: Trial, module: str, told: dict[str, Any]) -> Sample:
    clock = Clock()
    began = clock.monotonic()
    async with children.started(module, told, trial.directory, _core(trial)) as child:
        await _ready(child)
        seconds, cpu = clock.monotonic() - began, child.cpu
        rss = child.rss
        await child.kill()
    took: Mapping[str, float] = child.said.get("took", {})
    rest = seconds - sum(took.values())
    return Sample({"seconds": seconds, "cpu": cpu, "rss": rss, **took, REST: rest})


async def _ready(child: Child) -> None:
    clock = Clock()
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            answer = await client.get(f"http://127.0.0.1:{child.port}/readyz")
            if answer.status_code == 200:
                return
            await clock.sleep(0.01)


def _core(trial: Trial) -> int | None:
    return trial.cores.server
